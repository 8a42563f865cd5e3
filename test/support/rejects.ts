import * as assert from 'uvu/assert';
import { type ErrorCode, isMkimageError, type MkimageError } from '../../src/errors.ts';

/** Asserts that the work fails with this code and a message like this; gives the error. */
export async function rejects(work: Promise<unknown>, code: ErrorCode, message: RegExp = /./): Promise<MkimageError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isMkimageError(error)) throw error ?? new Error('it was not refused');
  assert.is(error.code, code, `${error.code}: ${error.message}`);
  assert.match(error.message, message);
  return error;
}

/** The same for work that may throw at once. */
export function refuses(code: ErrorCode, work: () => unknown, message?: RegExp): Promise<MkimageError> {
  return rejects(Promise.resolve().then(work), code, message);
}
