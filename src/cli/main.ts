#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { runCommandLine } from './command-line.ts';
import { EXIT_CODE } from './exit-code.ts';
import { ignoreClosedPipes, interruptSignal } from './interrupt.ts';

// V8 would let its nursery grow to 32 MB for a large context. A small one costs as good as no time and saves a quarter of the memory.
setFlagsFromString('--semi-space-growth-factor=1');
const outputFailure = ignoreClosedPipes();
const exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  now: Date.now,
  signal: interruptSignal(),
});
// Open sockets that are kept for reuse must not hold the process; text on its way into a pipe must.
process.stdout.write('', () => process.stderr.write('', () => setImmediate(end)));

/** A success that nobody can read is none. Streams tell of errors a turn after they say that all is written. */
function end(): void {
  const failure = outputFailure();
  if (failure === undefined || exitCode !== EXIT_CODE.done) process.exit(exitCode);
  process.stderr.write(`error: ${failure.message}\n`, () => process.exit(EXIT_CODE.internal));
}
