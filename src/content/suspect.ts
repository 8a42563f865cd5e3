import { MkimageError, type Suspect } from '../errors.ts';
import type { Descriptor } from '../oci/index.ts';

/** Creates an `integrity` error that names the part of the store to check, and to remove if it is damaged. */
export function createSuspectError(suspect: Suspect, message: string, cause?: unknown): MkimageError {
  return new MkimageError('integrity', message, { cause, suspect });
}

/** The part of the store that an error names as possibly damaged; undefined: none. */
export function suspectOf(error: unknown): Suspect | undefined {
  return error instanceof MkimageError ? error.suspect : undefined;
}

/** Returns the error with a suspect, if it has none yet. Cancellation never gets one. */
export function withSuspect(suspect: Suspect, error: unknown): unknown {
  if (error instanceof MkimageError && (error.code === 'cancelled' || error.suspect !== undefined)) return error;
  if (!(error instanceof MkimageError)) {
    const why = error instanceof Error ? error.message : String(error);
    return createSuspectError(suspect, `read layer: ${why}`, error);
  }
  return error.with({ suspect });
}

/** Creates the error for a blob of the store whose bytes do not match its digest. */
export function createDamagedBlobError({ digest }: Pick<Descriptor, 'digest'>, found: string): MkimageError {
  return createSuspectError(
    { kind: 'blob', digest },
    `read blob \`${digest}\`: the store holds ${found} under this name`,
  );
}
