import { MkimageError } from '../errors.ts';
import type { Step } from '../plan/index.ts';

/** Adds the place in the build file to the error, if it has none. */
export function withLocation(error: unknown, step: Step): unknown {
  if (!(error instanceof MkimageError) || error.place !== undefined) return error;
  return error.with({ place: { range: step.range, step: step.name } });
}
