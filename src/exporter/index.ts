/** Writes finished images out: archives, layouts, root filesystems. */

export { checkDestination } from './destination.ts';
export { type ExportResult, type ExportServices, type ExportStore, exportImage } from './export-image.ts';
export { type ArchivedBlob, type ArchivedImage, type ArchiveTarget, writeImages } from './image-archive.ts';
export type { ExportImage } from './sealed-image.ts';
export { type StoredBlobs, storedImage } from './stored-image.ts';
