/** Detects the compression of a stream, decompresses it, and compresses layers reproducibly. */
export { type CompressedLayer, type CompressOptions, compressLayer, findRecipe } from './compress.ts';
export { decompressStream } from './decompress.ts';
export { type ArchiveCompression, SNIFF_LENGTH, sniffCompression } from './sniff.ts';
