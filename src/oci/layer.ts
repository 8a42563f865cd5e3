import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';

/** One layer of an image: what it is (the digest of its uncompressed tar) and how it is stored. */
export interface Layer {
  readonly diffId: Digest;
  readonly blob: Descriptor;
}

/** An image whose manifest and config are known: what `FROM` becomes before a plan is made. */
export interface ResolvedImage {
  /** The normalised reference it was asked for by. */
  readonly reference: string;
  /** Descriptor of the manifest (never of an index). */
  readonly manifest: Descriptor;
  readonly config: import('./image-config.ts').ImageConfig;
  /** Lowest first; as many as `config.rootfs.diff_ids`. */
  readonly layers: readonly Layer[];
}
