/** The verbs for images in the store, and for getting images from elsewhere. */

export { ensureLayers } from './ensure-layers.ts';
export { fetchLayers, type LayerServices } from './fetch-layers.ts';
export { parsePartName } from './parts.ts';
export { pullImage } from './pull.ts';
export { sendBlob, sendImage } from './push/send-image.ts';
export { sendParts } from './push/send-parts.ts';
export { type ImageServices, imageAt, lookUpImage } from './resolve-image.ts';
export { nameImage, type SavedImage, type SavedPlatform, saveImage } from './save-image.ts';
export { findImage, imageOf } from './stored-images.ts';
