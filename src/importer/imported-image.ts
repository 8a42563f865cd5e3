import type { BlobSink, ContentSink } from '../content/index.ts';
import type { Descriptor } from '../oci/index.ts';

/** Where images are read into: what is needed of a store. */
export interface ImageSink extends BlobSink, ContentSink {
  readSmall(descriptor: Descriptor): Uint8Array;
  putSmall(mediaType: string, bytes: Uint8Array | string): Descriptor;
}

/** An image whose content lies in the sink; nothing points at it yet. */
export interface ImportedImage {
  /** Normalised; none if the archive gives it none. */
  readonly names: readonly string[];
  /** A manifest or an index, without annotations that name it. */
  readonly target: Descriptor;
}
