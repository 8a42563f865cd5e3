import { MkimageError, type Suspect } from '../errors.ts';
import type { Descriptor } from '../oci/index.ts';

/** An `integrity` error that names what of the store is to be looked at, and removed if it is damaged. */
export function suspicion(suspect: Suspect, message: string, cause?: unknown): MkimageError {
  return new MkimageError('integrity', message, { cause, suspect });
}

/** What an error throws suspicion on; undefined: nothing that the store holds. */
export function suspectOf(error: unknown): Suspect | undefined {
  return error instanceof MkimageError ? error.suspect : undefined;
}

/** The same error, with a suspicion that it did not have. Cancellation is nobody's fault. */
export function suspecting(suspect: Suspect, error: unknown): unknown {
  if (error instanceof MkimageError && (error.code === 'cancelled' || error.suspect !== undefined)) return error;
  if (!(error instanceof MkimageError)) {
    const why = error instanceof Error ? error.message : String(error);
    return suspicion(suspect, `read layer: ${why}`, error);
  }
  return error.with({ suspect });
}

/** The suspect blob of a descriptor whose bytes were others than its digest says. */
export function damagedBlob({ digest }: Pick<Descriptor, 'digest'>, found: string): MkimageError {
  return suspicion({ kind: 'blob', digest }, `read blob \`${digest}\`: the store holds ${found} under this name`);
}
