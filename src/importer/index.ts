/** Imports images: OCI layouts (directory or archive) and docker-archives. The reverse of src/exporter. */
export { importArchive } from './import-archive.ts';
export { findInLayout, importFromLayout, importLayout } from './import-layout.ts';
export type { ImageSink, ImportedImage } from './imported-image.ts';
