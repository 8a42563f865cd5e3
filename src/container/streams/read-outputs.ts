import { setTimeout as sleep } from 'node:timers/promises';
import { livenessOf } from '../../host/index.ts';
import type { StreamName } from '../../process/index.ts';
import type { ContainerIo } from './container-io.ts';

/** Takes output as it arrives. Returns a promise while it cannot take more. */
export type TakeOutput = (stream: StreamName, bytes: Buffer) => Promise<unknown> | undefined;

const LAST_MS = 100;
const WATCH_MS = 500;

/**
 * Reads the outputs of a process to their end. `recorder` is the owner name of its recorder: when that has ended, only what is in the pipes
 * is read, because a background process may keep them open.
 */
export async function readOutputs(
  { outputs }: Pick<ContainerIo, 'outputs'>,
  recorder: string,
  take: TakeOutput,
): Promise<void> {
  const gone = watch(recorder);
  await Promise.all(
    outputs.map(({ name, stream }) =>
      Promise.race([readOne(stream, (bytes) => take(name, bytes)), gone.then(() => sleep(LAST_MS))]),
    ),
  );
}

async function watch(recorder: string): Promise<void> {
  while (livenessOf(recorder) === 'alive') await sleep(WATCH_MS, undefined, { ref: false });
}

async function readOne(
  stream: NodeJS.ReadableStream,
  take: (bytes: Buffer) => Promise<unknown> | undefined,
): Promise<void> {
  stream.on('error', () => {}); // EIO is the end of a terminal
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) await take(chunk);
  } catch {} // the same
}
