import type { Readable } from 'node:stream';
import { decompressStream } from '../compression/index.ts';
import { MkimageError } from '../errors.ts';
import { type Compression, compressionOf } from '../oci/index.ts';

/** Returns the uncompressed tar of a layer's blob. Throws `unsupported` if the media type is not a layer type. */
export function openPlainBytes(blob: Readable, mediaType: string): Readable {
  return decompressStream(blob, layerCompression(mediaType));
}

/** Returns the compression of a layer with this media type. Throws `unsupported`. */
export function layerCompression(mediaType: string): Compression {
  const compression = compressionOf(mediaType);
  if (compression !== undefined) return compression;
  throw new MkimageError('unsupported', `read layer: media type \`${mediaType}\` is no layer that can be read`);
}
