import { MkimageError } from '../errors.ts';
import type { Step } from '../plan/index.ts';

/** The same error, with the place in the build file that it is about. */
export function withLocation(error: unknown, step: Step): unknown {
  if (!(error instanceof MkimageError) || error.details.range !== undefined) return error;
  return new MkimageError(error.code, error.message, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { ...error.details, range: step.range, step: step.name },
  });
}
