import type { BlobSink, ContentSink } from '../content/index.ts';
import type { Descriptor } from '../oci/index.ts';

/** The destination of imported images: what the import needs of a store. */
export interface ImageSink extends BlobSink, ContentSink {
  readSmall(descriptor: Descriptor): Uint8Array;
  putSmall(mediaType: string, bytes: Uint8Array | string): Descriptor;
}

/** An image whose content is in the sink; no name points at it yet. */
export interface ImportedImage {
  /** Normalized; empty if the archive names none. */
  readonly names: readonly string[];
  /** A manifest or an index, without annotations for names. */
  readonly target: Descriptor;
}
