import { rmSync } from 'node:fs';
import { isMkimageError } from '../../errors.ts';
import { FileLock } from '../../host/index.ts';
import type { ContainerFolder } from '../record.ts';

const PATIENCE_MS = 30_000;

/** Changes of one container (start, stop, remove) happen one after the other. */
export function holdContainer<T>(folder: ContainerFolder, work: () => Promise<T>): Promise<T> {
  return forgetLocksAfter(folder, new FileLock(folder.lock('change')).hold(PATIENCE_MS, work));
}

/** The locks of a container lie outside of its folder, because its last holder may remove the folder. */
async function forgetLocksAfter<T>(folder: ContainerFolder, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    if (!folder.exists()) rmSync(folder.locks, { recursive: true, force: true });
  }
}

/** Becomes the process that monitors a container. Returns undefined if another process does after `waitMs`. */
export async function takeMonitorLock(folder: ContainerFolder, waitMs: number): Promise<AsyncDisposable | undefined> {
  const lock = await takeLock(folder.lock('monitor'), waitMs);
  if (lock === undefined) return undefined;
  return { [Symbol.asyncDispose]: () => forgetLocksAfter(folder, Promise.resolve(lock[Symbol.asyncDispose]())) };
}

export function isMonitored(folder: ContainerFolder): boolean {
  return new FileLock(folder.lock('monitor')).isHeld();
}

/** Holds a file lock until it is disposed. Returns undefined if another process holds it after `waitMs`. */
export function takeLock(path: string, waitMs: number): Promise<AsyncDisposable | undefined> {
  return new Promise((settle, fail) => {
    let released: Promise<void> = Promise.resolve();
    const holdUntilDisposed = (): Promise<void> =>
      new Promise((release) =>
        settle({
          [Symbol.asyncDispose]: async () => {
            release();
            await released;
          },
        }),
      );
    released = new FileLock(path).hold(waitMs, holdUntilDisposed).catch((error: unknown) => {
      if (isMkimageError(error, 'in-use')) settle(undefined);
      else fail(error);
    });
  });
}
