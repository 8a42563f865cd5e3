/** Runs commands and takes their wall time and the peak memory of the largest process among them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Command, DaemonMemory } from './builder.ts';

export interface Figure {
  readonly milliseconds: number;
  /** Of the largest single process: the client, what it starts, or the daemon that works for it. */
  readonly peakMiB: number;
}

/** Runs commands one after the other; what they say goes to a log in `folder` and into the error if one fails. */
export async function measure(commands: readonly Command[], folder: string, daemon?: DaemonMemory): Promise<Figure> {
  daemon?.resetPeak();
  let milliseconds = 0;
  let peakMiB = 0;
  for (const command of commands) {
    const figure = await measureTime(command, folder);
    milliseconds += figure.milliseconds;
    peakMiB = Math.max(peakMiB, figure.peakMiB);
  }
  return { milliseconds, peakMiB: Math.max(peakMiB, daemon?.readPeakMiB() ?? 0) };
}

/** GNU time stands between: what it reports is the child's, and not the memory of this process before its `exec`. */
async function measureTime({ words, env }: Command, folder: string): Promise<Figure> {
  const [log, memory] = [join(folder, 'output.log'), join(folder, 'memory')];
  const output = openSync(log, 'w');
  const begun = performance.now();
  const child = spawn('time', ['--quiet', '--format=%M', `--output=${memory}`, ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
  });
  const [code] = await once(child, 'exit');
  const milliseconds = performance.now() - begun;
  closeSync(output);
  if (code !== 0) throw new Error(`${words.join(' ')}: status ${code}\n${readFileSync(log, 'utf8').slice(-3000)}`);
  return { milliseconds, peakMiB: Number(readFileSync(memory, 'utf8')) / 1024 };
}
