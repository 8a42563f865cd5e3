import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';

/** One layer of an image: the digest of its uncompressed tar, and its blob. */
export interface Layer {
  readonly diffId: Digest;
  readonly blob: Descriptor;
}

/** An image whose manifest and config are known. `FROM` is resolved to it before planning. */
export interface ResolvedImage {
  /** The requested reference, normalised. */
  readonly reference: string;
  /** Descriptor of the manifest (never of an index). */
  readonly manifest: Descriptor;
  readonly config: import('./image-config.ts').ImageConfig;
  /** Lowest first; as many as `config.rootfs.diff_ids`. */
  readonly layers: readonly Layer[];
}
