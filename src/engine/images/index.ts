/** The verbs for images in the store, and for getting images from elsewhere. */
export { ensureLayers } from './ensure-layers.ts';
export { fetchLayers, type LayerServices } from './fetch-layers.ts';
export { type ImageServices, imageAt, lookUpImage } from './resolve-image.ts';
export { nameImage, saveImage } from './save-image.ts';
