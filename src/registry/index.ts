/**
 * PORT. A registry by the OCI distribution protocol (distribution-spec), pull side; push has its own issue and its place is
 * kept in `Registry`. Backend: client.ts. Credentials never leave their host.
 */
import type { ContentSource } from '../content/index.ts';
import type { Descriptor, Reference } from '../oci/index.ts';
import type { Call } from '../progress.ts';

export interface FetchedManifest {
  readonly descriptor: Descriptor;
  /** The exact bytes the digest is of, verified. */
  readonly bytes: Uint8Array;
}

export interface Registry {
  /** Manifest or index by tag or digest. Throws `not-found`, `registry`, `network`, `integrity`, `limit` (over 4 MiB). */
  manifest(reference: Reference, call: Call): Promise<FetchedManifest>;
  /** The blobs of one repository. Interrupted transfers go on where they stopped. */
  repository(reference: Reference): ContentSource;
}
