/**
 * PORT. A place where machines share results of steps: a folder, a repository of a registry, a bucket. It holds blobs by digest
 * and one document that lists the records (document.ts). Backends are in this folder; `test/contract/shared-cache.ts` tests all.
 *
 * - **Best effort:** everything in it can be made again. A missing, damaged or foreign document is no cache.
 * - **Atomicity:** a reader gets the document of one `publish`. Its blobs are there before it is.
 * - **Idempotence:** every call can be repeated, and several machines may write at once: the last `publish` counts.
 * - **Integrity:** `open` gives bytes that the reader must verify against the descriptor.
 * - **Errors:** `not-found`, `network`, `registry`, `integrity`, `unsupported` (a cache of another program), `limit`, `cancelled`;
 *   `store` for a folder that cannot be read or written.
 */
import type { Readable } from 'node:stream';
import type { ContentSource } from '../../content/index.ts';
import type { Descriptor } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';

/** The content of a blob to be written. `open` gives the same bytes each time. */
export interface BlobContent {
  readonly blob: Descriptor;
  readonly open: () => Promise<Readable>;
}

export interface Publication {
  readonly document: Buffer;
  /** All blobs that the document names. They have been put. */
  readonly blobs: readonly Descriptor[];
}

export interface SharedStorage extends ContentSource {
  /** For messages: `folder \`/tmp/cache\``. */
  readonly title: string;
  /** Returns undefined if there is no cache yet. Throws `unsupported` for a cache of another program. */
  readDocument(call: Call): Promise<Uint8Array | undefined>;
  has(blob: Descriptor, call: Call): Promise<boolean>;
  put(content: BlobContent, call: Call): Promise<void>;
  publish(publication: Publication, call: Call): Promise<void>;
}

/** Reads from a storage. */
export type SharedSource = Pick<SharedStorage, 'title' | 'readDocument' | 'open'>;
