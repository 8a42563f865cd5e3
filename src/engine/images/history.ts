import type { HistoryLine, HistoryRequest } from '../../api/index.ts';
import type { HistoryEntry } from '../../oci/index.ts';
import { readPlatform } from './platforms.ts';
import { familiarNames, findImage, type ImageStoreServices, layerSize } from './stored-images.ts';

/** Returns the history of an image, newest step first. Throws `not-found`. */
export async function imageHistory(
  services: ImageStoreServices,
  request: HistoryRequest,
): Promise<readonly HistoryLine[]> {
  const found = findImage(services, request.image);
  const image = readPlatform(services, { found, text: request.image, platform: request.platform });
  const sizes = image.layers.map((layer) => layerSize(services.store, layer));
  const lines = linesOf(image.config.history, sizes).reverse();
  return lines.map((line, i) =>
    i === 0 ? { ...line, id: image.manifest.config.digest, names: familiarNames(found.entries) } : line,
  );
}

/** Oldest first. Layers without a history entry (some tools write none) get their own lines. */
function linesOf(history: readonly HistoryEntry[], sizes: readonly number[]): HistoryLine[] {
  let layer = 0;
  const told = history.map((entry) => lineOf(entry, entry.empty_layer === true ? undefined : (sizes[layer++] ?? 0)));
  return [...told, ...sizes.slice(layer).map((size) => lineOf({}, size))];
}

function lineOf(entry: HistoryEntry, size: number | undefined): HistoryLine {
  return {
    id: undefined,
    created: entry.created,
    createdBy: entry.created_by ?? '',
    comment: entry.comment ?? '',
    size: size ?? 0,
    emptyLayer: size === undefined,
    names: [],
  };
}
