import { isMkimageError } from '../../errors.ts';
import { FileLock } from './lock.ts';

/** Holds a file lock until it is disposed. Returns undefined if it is still taken after `waitMs`. */
export async function tryLock(folder: string, waitMs: number): Promise<AsyncDisposable | undefined> {
  return new Promise((settle, fail) => {
    const holdUntilDisposed = (): Promise<void> =>
      new Promise((release) => settle({ [Symbol.asyncDispose]: async () => release() }));
    new FileLock(folder).hold(waitMs, holdUntilDisposed).catch((error: unknown) => {
      if (isMkimageError(error, 'in-use')) settle(undefined);
      else fail(error);
    });
  });
}
