import { runCommandLine } from './command-line.ts';
import { EXIT_CODE, type ExitCode } from './exit-code.ts';
import { ignoreClosedPipes, interruptSignal } from './interrupt.ts';

/** So long a build that was cancelled waits for a reader that does not read (milliseconds). */
const PATIENCE = 1000;

// Should it ever be left without anything to wait for, that is no success.
process.exitCode = EXIT_CODE.internal;
const outputFailure = ignoreClosedPipes();
void runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd,
  stdin: () => process.stdin,
  archiveOutput: () => process.stdout,
  env: process.env,
  now: Date.now,
  signal: interruptSignal(),
}).then((exitCode) => {
  if (exitCode === EXIT_CODE.cancelled) setTimeout(() => process.exit(exitCode), PATIENCE);
  // Open sockets that are kept for reuse must not hold the process; text on its way into a pipe must.
  process.stdout.write('', () => process.stderr.write('', () => setImmediate(() => end(exitCode))));
});

/** A success that nobody can read is none. Streams tell of errors a turn after they say that all is written. */
function end(exitCode: ExitCode): void {
  const failure = outputFailure();
  if (failure === undefined || exitCode !== EXIT_CODE.done) process.exit(exitCode);
  process.stderr.write(`error: ${failure.message}\n`, () => process.exit(EXIT_CODE.internal));
}
