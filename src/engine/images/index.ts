/** The verbs on images of the store, and where images come from. */
export { ensureLayers } from './ensure-layers.ts';
export { fetchLayers, type LayerServices } from './fetch-layers.ts';
export type { HistoryLine } from './history.ts';
export type { ImageSummary } from './images.ts';
export { type ImageServices, imageAt, lookUpImage } from './resolve-image.ts';
export type { RemoveResult } from './rmi.ts';
export { nameImage, saveImage } from './save-image.ts';
