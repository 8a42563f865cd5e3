export { fsName } from '../tar/index.ts';
export { type ApplyTarget, LayerApplier } from './apply.ts';
export { type CatalogOptions, type LayerBlobs, LayerCatalog } from './catalog.ts';
export type { Change } from './change.ts';
export { type CompressedLayer, type CompressOptions, compressLayer, recipeOf } from './compress.ts';
export { ContentReader, readContent } from './content-reader.ts';
export { decompressed } from './decompress.ts';
export { hostEntry, hostNames } from './host-entry.ts';
export type { LayerEntry, LayerIndex } from './layer-index.ts';
export { lookupHome, lookupOwner, lookupUser, type OwnerIds, type UserIds } from './names.ts';
export { type ArchiveEntry, type OpenArchive, openArchive } from './open-archive.ts';
export { type Child, childInStack, isOpaque, isWhiteout, type Stack } from './overlay-stack.ts';
export { SNIFF_LENGTH, sniffCompression } from './sniff.ts';
export {
  closeInheritedOnExec,
  getXattr,
  listXattrs,
  makeNode,
  openPipe,
  setTimes,
  setXattr,
} from './syscalls.ts';
export { type LayerOptions, LayerWriter, type SealedLayer } from './write.ts';
