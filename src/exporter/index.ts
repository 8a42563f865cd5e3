/** Writes finished images out: archives, layouts, root filesystems. */
export { type Annotation, parseAnnotation } from './annotation.ts';
export { checkDestination } from './destination.ts';
export { type ExportResult, type ExportServices, type ExportStore, exportImage } from './export-image.ts';
export { type ArchivedBlob, type ArchivedImage, type ArchiveTarget, writeImages } from './image-archive.ts';
export type { ImageOptions } from './image-options.ts';
export { type OutputSpec, parseOutput } from './output-spec.ts';
export type { ExportImage } from './sealed-image.ts';
export { type StoredBlobs, storedImage } from './stored-image.ts';
