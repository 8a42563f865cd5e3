/** The verbs on images of the store, and where images come from. */
export { ensureLayers } from './ensure-layers.ts';
export { fetchLayers, type LayerServices } from './fetch-layers.ts';
export { type ImageServices, imageAt, lookUpImage } from './resolve-image.ts';
export { nameImage, saveImage } from './save-image.ts';
