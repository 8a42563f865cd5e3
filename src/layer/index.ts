export { type CatalogOptions, type LayerBlobs, LayerCatalog } from './catalog.ts';
export type { Change } from './change.ts';
export { ContentReader, readContent } from './content-reader.ts';
export { isListing, type LayerEntry, type LayerIndex } from './layer-index.ts';
export { type ArchiveEntry, type OpenArchive, openArchive } from './open-archive.ts';
export { type FetchLayer, RemoteLayers } from './remote-layers.ts';
export { sameAttributes, sameContent } from './same-object.ts';
export { LayerApplier } from './unpack/apply.ts';
export type { ApplyTarget } from './unpack/apply-target.ts';

export { type LayerOptions, LayerWriter, type SealedLayer } from './write.ts';
