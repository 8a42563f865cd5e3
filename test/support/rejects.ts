import * as assert from 'uvu/assert';
import { type ErrorCode, isMkimageError, type MkimageError } from '../../src/errors.ts';

/** Asserts that the work fails with this code and a message like this; gives the error. */
export async function rejects<Code extends ErrorCode>(
  work: Promise<unknown>,
  code: Code,
  message: RegExp = /./,
): Promise<MkimageError<Code>> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isMkimageError<Code>(error)) throw error ?? new Error('it was not refused');
  assert.is(error.code, code, `${error.code}: ${error.message}`);
  assert.match(error.message, message);
  return error;
}

/** The same for work that may throw at once. */
export function refuses<Code extends ErrorCode>(
  code: Code,
  work: () => unknown,
  message?: RegExp,
): Promise<MkimageError<Code>> {
  return rejects(Promise.resolve().then(work), code, message);
}
