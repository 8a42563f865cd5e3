/** Writes finished images out: archives, layouts, root filesystems. */

export { compressStoredImage, type StoredImages } from './compressed-image.ts';
export { checkDestination } from './destination.ts';
export { type ExportResult, type ExportServices, type ExportStore, exportImage, toPushedForm } from './export-image.ts';
export { type ArchivedBlob, type ArchivedImage, type ArchiveTarget, writeImages } from './image-archive.ts';
export { blobsOf, plainBlob } from './layer-forms.ts';
export { type ExportImage, type PlatformImage, sealImage } from './sealed-image.ts';
export { type StoredBlobs, storedImage } from './stored-image.ts';
