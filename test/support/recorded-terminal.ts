import { PassThrough, Readable } from 'node:stream';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { ProgressEvent } from '../../src/progress.ts';

export interface RecordedTerminal extends Terminal {
  readonly written: { out: string; err: string };
  /** Lets time pass. */
  advance(milliseconds: number): void;
}

/** A terminal that is none: keeps what is written, and its clock stands still unless it is moved. */
export function recordedTerminal(env: Terminal['env'] = {}): RecordedTerminal {
  const written = { out: '', err: '' };
  let now = Date.parse('2024-05-01T12:00:00Z');
  const outputInto = (name: 'out' | 'err') => ({
    write(text: string | Uint8Array) {
      written[name] += String(text);
      return true;
    },
  });
  return {
    written,
    env,
    cwd: () => '/nowhere',
    stdin: () => Readable.from([]),
    archiveOutput: () => new PassThrough(),
    advance: (milliseconds) => {
      now += milliseconds;
    },
    now: () => now,
    signal: new AbortController().signal,
    stdout: outputInto('out'),
    stderr: outputInto('err'),
  };
}

/** A short build as events, each with the milliseconds that pass before it. */
export const SHORT_BUILD: readonly (readonly [after: number, event: ProgressEvent])[] = [
  [0, { type: 'step-started', step: 'base/0', name: '[build 1/3] FROM docker.io/library/debian:12', stage: 'build' }],
  [
    10,
    {
      type: 'step-progress',
      step: 'base/0',
      item: `sha256:${'a'.repeat(64)}`,
      current: 1_048_576,
      total: 28_200_000,
      unit: 'bytes',
      done: false,
    },
  ],
  [
    500,
    {
      type: 'step-progress',
      step: 'base/0',
      item: `sha256:${'a'.repeat(64)}`,
      current: 28_200_000,
      total: 28_200_000,
      unit: 'bytes',
      done: true,
    },
  ],
  [90, { type: 'step-finished', step: 'base/0' }],
  [0, { type: 'step-cached', step: 'build/1', name: '[build 2/3] WORKDIR /src', stage: 'build' }],
  [0, { type: 'step-started', step: 'build/2', name: '[build 3/3] RUN make', stage: 'build' }],
  [0, { type: 'step-missed', step: 'build/2', reason: 'COPY package.json changed (1 of 3 files: package.json)' }],
  [123, { type: 'step-output', step: 'build/2', stream: 'stdout', text: 'compiling a.c\ncompi' }],
  [77, { type: 'step-output', step: 'build/2', stream: 'stderr', text: '\x1b[31mwarning:\x1b[0m old\x07\n' }],
  [100, { type: 'step-output', step: 'build/2', stream: 'stdout', text: 'ling b.c\nno line feed' }],
  [100, { type: 'step-failed', step: 'build/2', error: 'exit code: 2' }],
];
