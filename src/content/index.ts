export { DirectoryLinks, ImpliedPaths } from './archive-paths.ts';
export { type CopyOptions, copyContent } from './copy.ts';
export { hashFile } from './hash-file.ts';
export { createMemoryContent, type MemoryContent } from './memory.ts';
export { once } from './once.ts';
export type { BlobSink, BlobWriter, ContentSink, ContentSource, SealedBlob } from './ports.ts';
export { readChunks, readFully } from './read-file.ts';
export { type ResolveOptions, resolveInTree, resolveLinks } from './resolve.ts';
export { workSideBySide } from './side-by-side.ts';
export { createDamagedBlobError, createSuspectError, suspectOf, withSuspect } from './suspect.ts';
export { createMeter, labelsOfBlob, reportTransfer, type Transfer } from './transfer.ts';
export {
  type ContentProof,
  type FileEntry,
  type FileInTree,
  type FileLocation,
  type FileTree,
  type FileType,
  locateContent,
  type TreePath,
} from './tree.ts';
export { ancestorsOf, cleanPath, comparePaths, joinPath, nameOf, parentOf } from './tree-path.ts';
export { verifyStream } from './verify.ts';
export { walkTree } from './walk.ts';
