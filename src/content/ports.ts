import type { Readable } from 'node:stream';
import type { Descriptor, Digest } from '../oci/index.ts';
import type { Call } from '../progress.ts';

/** Gives content by descriptor: a store, a registry repository, an archive. */
export interface ContentSource {
  /**
   * The bytes, unverified: a reader wraps them with `verified` (src/content/verify.ts) or copies them into a sink that does.
   * Throws `not-found`.
   */
  open(descriptor: Descriptor, call: Call): Promise<Readable>;
}

/** Takes content by descriptor. */
export interface ContentSink {
  has(descriptor: Descriptor): Promise<boolean>;
  /**
   * Writes all bytes under the descriptor's digest. Idempotent, atomic: until it resolves nothing is visible. Throws
   * `integrity` if size or digest differ, and then leaves nothing behind.
   */
  put(descriptor: Descriptor, bytes: Readable, call: Call): Promise<void>;
}

export interface SealedBlob {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * A blob being written whose digest is not known yet. Synchronous, because a layer is thousands of small writes.
 * Exactly one of `commit` and `abort` ends it; dispose aborts what was not committed.
 */
export interface BlobWriter extends AsyncDisposable {
  write(bytes: Uint8Array): void;
  /** Hash done, file renamed into place (also over one that was there already). */
  commit(): Promise<SealedBlob>;
  abort(): Promise<void>;
}

/** Where new blobs are made: the store, or memory in tests. */
export interface BlobSink {
  create(): BlobWriter;
}
