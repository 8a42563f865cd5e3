/** Compressed streams: what form they have, their plain bytes, and compressing a layer by a recipe. */
export { type CompressedLayer, type CompressOptions, compressLayer, recipeOf } from './compress.ts';
export { decompressed } from './decompress.ts';
export { type ArchiveCompression, SNIFF_LENGTH, sniffCompression } from './sniff.ts';
