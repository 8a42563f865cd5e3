import type { Readable } from 'node:stream';
import type { Descriptor, Digest } from '../oci/index.ts';
import type { Call } from '../progress.ts';

/** Reads content by descriptor: a store, a registry repository, an archive. */
export interface ContentSource {
  /**
   * Returns the bytes without verification. A reader wraps them with `verifyStream` (src/content/verify.ts) or copies them into a
   * sink, which verifies them. Throws `not-found`.
   */
  open(descriptor: Descriptor, call: Call): Promise<Readable>;
}

/** Writes content by descriptor. */
export interface ContentSink {
  has(descriptor: Descriptor): Promise<boolean>;
  /**
   * Writes all bytes under the descriptor's digest. Idempotent and atomic: the blob is not visible until the promise resolves.
   * Throws `integrity` if size or digest differ, and then keeps nothing.
   */
  put(descriptor: Descriptor, bytes: Readable, call: Call): Promise<void>;
}

export interface SealedBlob {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Writes a blob whose digest is not known yet. `write` is synchronous, because a layer is thousands of small writes.
 * Call `commit` or `abort` exactly once; dispose aborts a writer that was not committed.
 */
export interface BlobWriter extends AsyncDisposable {
  write(bytes: Uint8Array): void;
  /** Finishes the hash and renames the file into place. Replaces an existing file. */
  commit(): Promise<SealedBlob>;
  abort(): Promise<void>;
}

/** Creates new blobs: the store, or memory in tests. */
export interface BlobSink {
  create(): BlobWriter;
}
