#!/usr/bin/env node
import { runCommandLine } from './command-line.ts';
import { ignoreClosedPipes, interruptSignal } from './interrupt.ts';

ignoreClosedPipes();
const exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  now: Date.now,
  signal: interruptSignal(),
});
// Open sockets that are kept for reuse must not hold the process; text on its way into a pipe must.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
