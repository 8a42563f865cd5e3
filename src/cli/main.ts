import { runCommandLine } from './command-line.ts';
import { EXIT_CODE, type ExitCode } from './exit-code.ts';
import { createInterruptSignal, ignoreClosedPipes, takeSignals } from './interrupt.ts';

/** How long a cancelled build waits for a reader that does not read its output (milliseconds). */
const FLUSH_TIMEOUT = 1000;

// If the event loop runs empty before the command has ended, the exit code must report a failure.
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
  signal: createInterruptSignal(),
  mayEnterNamespace: process.geteuid?.() !== 0,
  takeSignals,
}).then((exitCode) => {
  if (exitCode === EXIT_CODE.cancelled) setTimeout(() => process.exit(exitCode), FLUSH_TIMEOUT);
  // Wait until all text is written to the pipes, but do not wait for idle sockets that are kept for reuse.
  process.stdout.write('', () => process.stderr.write('', () => setImmediate(() => end(exitCode))));
});

/** Ends the process. A failed write of the output is a failure: streams report it one event loop turn after the callback. */
function end(exitCode: ExitCode): void {
  const failure = outputFailure();
  if (failure === undefined || exitCode !== EXIT_CODE.done) process.exit(exitCode);
  process.stderr.write(`error: ${failure.message}\n`, () => process.exit(EXIT_CODE.internal));
}
