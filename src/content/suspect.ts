import { MkimageError } from '../errors.ts';
import type { ChainId, Descriptor, Digest } from '../oci/index.ts';

/** Something of the store that did not prove to be what it was when it was written, or may not be. */
export type Suspect =
  | { readonly kind: 'blob'; readonly digest: Digest }
  /** Of this layer something: its blob, its uncompressed form, its listing. `blob` is the one that was read. */
  | { readonly kind: 'layer'; readonly diffId: Digest; readonly blob?: Digest }
  /** The unpacked form of a chain. */
  | { readonly kind: 'unpacked'; readonly chain: ChainId };

/** An `integrity` error that names what of the store is to be looked at, and removed if it is damaged. */
export function suspicion(suspect: Suspect, message: string, cause?: unknown): MkimageError {
  return new MkimageError('integrity', message, { cause, details: { suspect } });
}

/** What an error throws suspicion on; undefined: nothing that the store holds. */
export function suspectOf(error: unknown): Suspect | undefined {
  return error instanceof MkimageError ? (error.details.suspect as Suspect | undefined) : undefined;
}

/** The same error, with a suspicion that it did not have. Cancellation is nobody's fault. */
export function suspecting(suspect: Suspect, error: unknown): unknown {
  if (error instanceof MkimageError && (error.code === 'cancelled' || error.details.suspect !== undefined))
    return error;
  if (!(error instanceof MkimageError)) {
    const why = error instanceof Error ? error.message : String(error);
    return suspicion(suspect, `read layer: ${why}`, error);
  }
  const { code, message, hint, details, cause } = error;
  return new MkimageError(code, message, {
    cause,
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, suspect },
  });
}

/** The suspect blob of a descriptor whose bytes were others than its digest says. */
export function damagedBlob({ digest }: Pick<Descriptor, 'digest'>, found: string): MkimageError {
  return suspicion({ kind: 'blob', digest }, `read blob \`${digest}\`: the store holds ${found} under this name`);
}
