/**
 * PORT. A registry by the OCI distribution protocol (distribution-spec), pull side; push has its own issue and its place is
 * kept in `Registry`. Backend: client.ts. `test/contract/registry.ts` is the same in tests.
 *
 * - **Idempotence:** nothing here changes a registry. Every call may be made again, and at the same time as any other.
 * - **Atomicity:** a manifest comes whole and verified, or not at all. A blob comes as a stream of exactly the bytes that its
 *   descriptor announces, or the stream fails; their digest is for the reader to check.
 * - **Who closes what:** who opened a blob reads its stream to the end or destroys it. The connections are those of whoever made
 *   the backend; when they are closed, streams that are still open fail.
 * - **Errors:** `not-found` where the registry says so (for a blob when it is opened), `registry` where it refuses or answers
 *   wrongly (both with `status`, `temporary`, `retryAfter`), `network` where it cannot be reached, `integrity` for other bytes
 *   than were asked for, `limit`, `invalid-reference` for a digest that is none, `cancelled`. What may pass was tried again.
 * - **Credentials** never leave the registry that they are for, nor the token server that it names.
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
