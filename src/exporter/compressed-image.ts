/** Brings a stored image into the form for registries: layers that are stored plain are compressed, all else stays as it is. */
import type { ImageOptions } from '../api/index.ts';
import {
  compressionOf,
  type Descriptor,
  type Digest,
  digestOf,
  fetchManifestGraph,
  formatCanonicalJson,
  type ImageIndex,
  layersOf,
  listNodes,
  type Manifest,
  type ManifestNode,
  MEDIA_TYPE,
  parseConfig,
  parseStrictJson,
} from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { blobsOf, type LayerBlobs } from './layer-forms.ts';

/** What compressing a stored image needs of the store. */
export interface StoredImages extends LayerBlobs {
  has(descriptor: Descriptor): Promise<boolean>;
  readSmall(descriptor: Descriptor): Uint8Array;
  putSmall(mediaType: string, bytes: Uint8Array | string): Descriptor;
}

interface CompressContext {
  readonly store: StoredImages;
  readonly call: Call;
}

const GZIP: Pick<ImageOptions, 'compression' | 'level' | 'force'> = {
  compression: 'gzip',
  level: undefined,
  force: false,
};

/**
 * Returns the descriptor of the compressed form of a manifest or index; the same one if no layer is plain. Manifests of an index that
 * are not in the store stay as they are.
 */
export async function compressStoredImage(target: Descriptor, { store, call }: CompressContext): Promise<Descriptor> {
  const graph = await fetchManifestGraph(target, async (descriptor) =>
    descriptor === target || (await store.has(descriptor)) ? store.readSmall(descriptor) : undefined,
  );
  const changed = new Map<Digest, Descriptor>();
  for (const node of [...listNodes(graph)].reverse()) {
    const written = await compressNode(node, changed, { store, call });
    if (written !== undefined) changed.set(node.descriptor.digest, written);
  }
  return replaceIn(changed, target);
}

/** The new descriptor of a manifest or index; undefined if it does not change. Children come before their parents. */
async function compressNode(
  node: ManifestNode,
  changed: ReadonlyMap<Digest, Descriptor>,
  { store, call }: CompressContext,
): Promise<Descriptor | undefined> {
  if (node.kind === 'manifest') {
    const layers = await compressLayers(node.manifest, { store, call });
    return layers && rewrite(store, node.descriptor, { layers });
  }
  if (node.kind !== 'index' || !node.index.manifests.some(({ digest }) => changed.has(digest))) return undefined;
  const manifests = node.index.manifests.map((descriptor) => replaceIn(changed, descriptor));
  return rewrite(store, node.descriptor, { manifests });
}

/** The layers with their compressed blobs; undefined if none is plain, or if it is no image (an attestation). */
async function compressLayers(
  manifest: Manifest,
  { store, call }: CompressContext,
): Promise<readonly Descriptor[] | undefined> {
  const isImage = CONFIG_TYPES.has(manifest.config.mediaType);
  if (!isImage || !manifest.layers.some(isPlain)) return undefined;
  const config = parseConfig(store.readSmall(manifest.config));
  const blobs = await blobsOf(layersOf(manifest, config), GZIP, { store, call });
  return manifest.layers.map((layer, index) => {
    const { mediaType, digest, size } = blobs[index]!;
    if (!isPlain(layer)) return layer;
    const isDocker = layer.mediaType === MEDIA_TYPE.dockerLayer;
    return { ...layer, mediaType: isDocker ? MEDIA_TYPE.dockerLayerGzip : mediaType, digest, size };
  });
}

const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPE.config, MEDIA_TYPE.dockerConfig]);

function isPlain({ mediaType }: Descriptor): boolean {
  return compressionOf(mediaType) === 'uncompressed';
}

/** Writes the document with other members. Members that mkimage does not know are kept. */
function rewrite(
  store: StoredImages,
  descriptor: Descriptor,
  members: Partial<Pick<Manifest, 'layers'> & Pick<ImageIndex, 'manifests'>>,
): Descriptor {
  const document = parseStrictJson(Buffer.from(store.readSmall(descriptor)), 'manifest') as object;
  const bytes = Buffer.from(formatCanonicalJson({ ...document, ...members }));
  store.putSmall(descriptor.mediaType, bytes);
  return { ...descriptor, digest: digestOf(bytes), size: bytes.length };
}

function replaceIn(changed: ReadonlyMap<Digest, Descriptor>, descriptor: Descriptor): Descriptor {
  const found = changed.get(descriptor.digest);
  return found === undefined ? descriptor : { ...descriptor, digest: found.digest, size: found.size };
}
