import { MkimageError } from '../errors.ts';
import type { Step } from '../plan/index.ts';

/** The same error, with the place in the build file that it is about. */
export function withLocation(error: unknown, step: Step): unknown {
  if (!(error instanceof MkimageError) || error.place !== undefined) return error;
  return error.with({ place: { range: step.range, step: step.name } });
}
