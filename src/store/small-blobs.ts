import type { Descriptor } from '../oci/index.ts';

/** The small JSON blobs of a store: manifests, indexes, configs. */
export interface SmallBlobs {
  /** Synchronous, for the hot path; verified against the digest. Throws `not-found`, `integrity`. */
  readSmall(descriptor: Descriptor): Uint8Array;
}
