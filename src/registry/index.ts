/**
 * PORT. A registry by the OCI distribution protocol (distribution-spec), pull side; push has its own issue and its place is
 * kept in `Registry`. Backend: client.ts. `test/contract/registry.ts` is the same in tests.
 *
 * - **Idempotence:** nothing here changes a registry. Every call can be repeated, and can run in parallel with any other.
 * - **Atomicity:** a manifest is returned whole and verified, or not at all. The stream of a blob gives exactly as many bytes as
 *   its descriptor says, or fails; the reader must check their digest.
 * - **Ownership:** the caller reads the stream of an opened blob to the end or destroys it. The creator of the backend owns the
 *   connections; when they are closed, open streams fail.
 * - **Errors:** `not-found` if the registry says so (for a blob when it is opened), `registry` if it refuses or gives a wrong
 *   answer (both with `status`, `temporary`, `retryAfter`), `network` if it cannot be reached, `integrity` for other bytes than
 *   requested, `limit`, `invalid-reference` for a malformed digest, `cancelled`. Temporary failures have been retried.
 * - **Credentials** are sent only to their registry and to the token server that it names.
 */
import type { ContentSource } from '../content/index.ts';
import type { Descriptor, Reference } from '../oci/index.ts';
import type { Call } from '../progress.ts';

export interface FetchedManifest {
  readonly descriptor: Descriptor;
  /** The exact bytes of the digest, verified. */
  readonly bytes: Uint8Array;
}

export interface Registry {
  /** Fetches a manifest or index by tag or digest. Throws `not-found`, `registry`, `network`, `integrity`, `limit` (over 4 MiB). */
  manifest(reference: Reference, call: Call): Promise<FetchedManifest>;
  /** The blobs of one repository. Interrupted transfers continue at their offset. */
  repository(reference: Reference): ContentSource;
}
