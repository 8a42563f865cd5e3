export { DirectoryLinks, ImpliedPaths } from './archive-paths.ts';
export { type CopyOptions, copyContent } from './copy.ts';
export { digestOfFile } from './digest-of-file.ts';
export { type MemoryContent, memoryContent } from './memory.ts';
export type { BlobSink, BlobWriter, ContentSink, ContentSource, SealedBlob } from './ports.ts';
export { chunksOfRange, readFully } from './read-file.ts';
export { type ResolveOptions, resolveInTree, resolveLinks } from './resolve.ts';
export { damagedBlob, suspecting, suspectOf, suspicion } from './suspect.ts';
export { labelsOfBlob, meterOf, reportTransfer, type Transfer } from './transfer.ts';
export {
  type ContentProof,
  type FileEntry,
  type FileInTree,
  type FileLocation,
  type FileTree,
  type FileType,
  locationOf,
  type TreePath,
} from './tree.ts';
export { ancestorsOf, cleanPath, comparePaths, joinPath, nameOf, parentOf } from './tree-path.ts';
export { verified } from './verify.ts';
export { walkTree } from './walk.ts';
