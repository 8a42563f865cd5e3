/**
 * PORT. A registry by the OCI distribution protocol (distribution-spec): pull and push. Backend: client.ts.
 * `test/contract/registry.ts` is the same in tests.
 *
 * - **Idempotence:** every call can be repeated, and can run in parallel with any other. What a registry has is not sent again.
 * - **Atomicity:** a manifest is returned whole and verified, or not at all. The stream of a blob gives exactly as many bytes as
 *   its descriptor says, or fails; the reader must check their digest. A blob or manifest that is put appears whole or not at all.
 * - **Order:** a registry refuses a manifest whose blobs it does not have. Put blobs first, then manifests, then indexes.
 * - **Ownership:** the caller reads the stream of an opened blob to the end or destroys it. The creator of the backend owns the
 *   connections; when they are closed, open streams fail.
 * - **Errors:** `not-found` if the registry says so (for a blob when it is opened), `registry` if it refuses or gives a wrong
 *   answer (both with `status`, `temporary`, `retryAfter`), `network` if it cannot be reached, `integrity` for other bytes than
 *   requested or announced, `limit`, `invalid-reference` for a malformed digest, `cancelled`. Temporary failures have been
 *   retried; an interrupted transfer continues where it stopped if the registry allows this.
 * - **Credentials** are sent only to their registry (scheme, host and port) and to the token server that it names.
 * - **Load:** uploads to one registry wait for each other above a fixed number. Callers bound their own reads.
 */
import type { ContentSource } from '../content/index.ts';
import type { Descriptor, Reference } from '../oci/index.ts';
import type { Call, StepId } from '../progress.ts';
import type { Credentials } from './credentials/port.ts';

export { parseServer } from './credentials/names.ts';
export type {
  CredentialPlace,
  CredentialProvider,
  CredentialStore,
  Credentials,
  LoginScope,
} from './credentials/port.ts';

export interface FetchedManifest {
  readonly descriptor: Descriptor;
  /** The exact bytes of the digest, verified. */
  readonly bytes: Uint8Array;
}

export interface NewManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** How a blob got into a repository. */
export type Placement = 'present' | 'mounted' | 'uploaded';

export interface PutOptions {
  /** Opened only if the bytes must be sent, and again for every retry. Its errors end the upload. */
  readonly from: ContentSource;
  /** Another repository of the same registry that may have the blob: the registry is asked to take it from there. */
  readonly mountFrom?: string | undefined;
  /** The step under which progress is reported. Without it, no progress is reported. */
  readonly step?: StepId | undefined;
  /** Send the bytes in any case: the registry said that it has the blob, and then that it does not. */
  readonly replace?: boolean | undefined;
}

/** The blobs of one repository. */
export interface Repository extends ContentSource {
  /** True if the repository has the blob with this size. */
  has(blob: Descriptor, call: Call): Promise<boolean>;
  /**
   * Makes the repository have the blob: does nothing if it is there, else mounts it from `mountFrom`, else uploads it. Bytes that do
   * not match the descriptor are never completed; throws `integrity` for them.
   */
  put(blob: Descriptor, options: PutOptions, call: Call): Promise<Placement>;
}

export interface Registry {
  /** Fetches a manifest or index by tag or digest. Throws `not-found`, `registry`, `network`, `integrity`, `limit` (over 4 MiB). */
  manifest(reference: Reference, call: Call): Promise<FetchedManifest>;
  /** The descriptor of a manifest, without its bytes, as the registry announces it; undefined: it is not there. */
  findManifest(reference: Reference, call: Call): Promise<Descriptor | undefined>;
  /**
   * Stores a manifest or index under the tag of the reference; without a tag, under its digest only. Throws `integrity` if the
   * reference has another digest, or if the registry answers with another one.
   */
  putManifest(reference: Reference, manifest: NewManifest, call: Call): Promise<Descriptor>;
  /** Deletes a manifest by digest, or only a tag. Throws `not-found`, and `unsupported` if the registry does not allow it. */
  deleteManifest(reference: Reference, call: Call): Promise<void>;
  /** The tags of a repository, in the order of the registry, page by page. Throws `not-found`, `limit`. */
  listTags(reference: Reference, call: Call): AsyncIterable<string>;
  /** Checks that the caller may push to the repository, without changing it. Throws `registry`, `network`. */
  checkPush(reference: Reference, call: Call): Promise<void>;
  /**
   * Checks credentials. Returns those to save: token servers can give an identity token for a password. Throws `registry` if they are
   * refused, `network`.
   */
  checkLogin(registry: string, credentials: Credentials, call: Call): Promise<Credentials>;
  /** Interrupted transfers continue at their offset. */
  repository(reference: Reference): Repository;
}
