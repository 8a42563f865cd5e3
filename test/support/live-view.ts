// Run in a pseudo terminal by test/cli/render/pty.test.ts: 20 steps at once, seen by the real clock and the real stderr.
import { setTimeout as sleep } from 'node:timers/promises';
import { openRenderer } from '../../src/cli/render/index.ts';

const steps = Array.from({ length: 20 }, (_, index) => `s/${index}`);
const signal = new AbortController().signal;
const { stdout, stderr, env } = process;
const streams = { stdin: () => process.stdin, archiveOutput: () => process.stdout };
const terminal = { stdout, stderr, ...streams, cwd: process.cwd, env, now: Date.now, signal };
const renderer = await openRenderer('auto', terminal);
for (const step of steps) renderer.report({ type: 'step-started', step, name: `[${step}] RUN make` });
for (let round = 0; round < 10; round += 1) {
  for (const step of steps) renderer.report({ type: 'step-output', step, stream: 'stdout', text: `line ${round}\n` });
  await sleep(60);
}
for (const step of steps) renderer.report({ type: 'step-finished', step });
await sleep(150);
renderer.finish();
