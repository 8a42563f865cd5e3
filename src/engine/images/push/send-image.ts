/** Sends an image to one repository: blobs first, then manifests, then indexes, and the tags last. */
import { workSideBySide } from '../../../content/index.ts';
import { MkimageError } from '../../../errors.ts';
import {
  type Descriptor,
  fetchManifestGraph,
  formatPlatform,
  isForeignLayer,
  listNodes,
  type ManifestNode,
  type Reference,
} from '../../../oci/index.ts';
import type { Call, StepId } from '../../../progress.ts';
import type { Placement, Repository } from '../../../registry/index.ts';
import type { Store } from '../../../store/index.ts';
import { type LayerSourceServices, openLayerSource } from './layer-source.ts';
import { sendAgainIfMissing } from './send-again.ts';

export interface SendServices extends LayerSourceServices {
  readonly store: Pick<Store, 'has' | 'open' | 'readSmall'>;
}

/** Where an image is sent. */
export interface Destination {
  readonly registry: string;
  readonly repository: string;
  /** Empty: the image is found only by its digest. */
  readonly tags: readonly string[];
}

export interface SendOptions {
  readonly destination: Destination;
  /** The step under which progress is reported. */
  readonly step: StepId;
  /** Blobs that have been sent, as `registry/repository@digest`; new ones are added. */
  readonly sent?: Set<string> | undefined;
}

/** How one blob got into the repository. */
export interface SentBlob {
  readonly blob: Descriptor;
  readonly placement: Placement;
  /** The repository that it was mounted from. */
  readonly mountedFrom: string | undefined;
}

export interface SentImage {
  readonly layers: readonly SentBlob[];
}

/** Blobs and manifests at the same time. Uploads are bounded by the registry port; the others are short requests. */
const AT_ONCE = 16;

/**
 * Sends a manifest or index with all that it leads to. What the registry has is not sent again; a layer that is not in the store is
 * mounted, or fetched from where it came from. Throws as `Registry`, and `not-found` for missing content.
 */
export async function sendImage(
  services: SendServices,
  { target, destination, step, sent }: SendOptions & { readonly target: Descriptor },
  call: Call,
): Promise<SentImage> {
  const { store, registry } = services;
  const graph = await fetchManifestGraph(target, async (descriptor) =>
    descriptor === target || (await store.has(descriptor)) ? store.readSmall(descriptor) : undefined,
  );
  const nodes = listNodes(graph);
  const repository = registry.repository(destination);
  const missing = nodes.filter(({ kind }) => kind === 'unread').map(({ descriptor }) => descriptor);
  await workSideBySide(
    missing,
    { atOnce: AT_ONCE, work: (each, bounded) => requireThere(services, { child: each, destination }, bounded) },
    call,
  );
  const { configs, layers } = blobsIn(nodes);
  const work = (blob: Descriptor, bounded: Call) =>
    sendBlob(services, { blob, repository, destination, step, sent }, bounded);
  const placed = await workSideBySide([...layers, ...configs], { atOnce: AT_ONCE, work }, call);
  await sendAgainIfMissing(
    () => sendManifests(services, { nodes, destination }, call),
    { blobs: [...layers, ...configs], repository, from: openLayerSource(services), step },
    call,
  );
  services.origins.remember(
    layers.map(({ digest }) => digest),
    placeOf(destination),
  );
  return { layers: placed.slice(0, layers.length) };
}

interface BlobToSend extends SendOptions {
  readonly blob: Descriptor;
  readonly repository: Repository;
}

/** Sends one blob, if the repository does not have it. */
export async function sendBlob(
  services: SendServices,
  { blob, repository, destination, step, sent }: BlobToSend,
  call: Call,
): Promise<SentBlob> {
  const key = `${destination.registry}/${destination.repository}@${blob.digest}`;
  if (sent?.has(key)) return { blob, placement: 'present', mountedFrom: undefined };
  const mountFrom = services.origins
    .originsOf(blob.digest)
    .find((each) => each.registry === destination.registry && each.repository !== destination.repository)?.repository;
  const placement = await repository.put(blob, { from: openLayerSource(services), mountFrom, step }, call);
  sent?.add(key);
  call.log?.debug('registry', 'blob sent', { blob: blob.digest, to: destination.repository, placement });
  return { blob, placement, mountedFrom: placement === 'mounted' ? mountFrom : undefined };
}

interface ManifestsToSend {
  readonly nodes: readonly ManifestNode[];
  readonly destination: Destination;
}

/** Children before their parents; the root last, under its tags. */
async function sendManifests(
  { store, registry }: SendServices,
  { nodes, destination }: ManifestsToSend,
  call: Call,
): Promise<void> {
  const put = ({ descriptor }: ManifestNode, tag: string | undefined, bounded: Call) => {
    const { digest, mediaType } = descriptor;
    const reference: Reference = { ...placeOf(destination), ...(tag === undefined ? {} : { tag }), digest };
    return registry.putManifest(reference, { mediaType, bytes: store.readSmall(descriptor) }, bounded);
  };
  const [root, ...below] = nodes;
  const whole = below.filter(({ kind }) => kind === 'manifest');
  await workSideBySide(whole, { atOnce: AT_ONCE, work: (node, bounded) => put(node, undefined, bounded) }, call);
  // An index in an index is rare: one after the other, the innermost first.
  for (const node of below.filter(({ kind }) => kind === 'index').reverse()) await put(node, undefined, call);
  const tags = destination.tags.length === 0 ? [undefined] : destination.tags;
  await workSideBySide(tags, { atOnce: AT_ONCE, work: (tag, bounded) => put(root!, tag, bounded) }, call);
}

function placeOf({ registry, repository }: Destination): Pick<Reference, 'registry' | 'repository'> {
  return { registry, repository };
}

interface Blobs {
  readonly configs: readonly Descriptor[];
  readonly layers: readonly Descriptor[];
}

/** Each blob once, lowest layers first. Foreign layers stay where they are. */
function blobsIn(nodes: readonly ManifestNode[]): Blobs {
  const manifests = nodes.flatMap((node) => (node.kind === 'manifest' ? [node.manifest] : []));
  const layers = manifests.flatMap((manifest) => manifest.layers).filter(({ mediaType }) => !isForeignLayer(mediaType));
  const seen = new Set<string>();
  const isFirst = ({ digest }: Descriptor) => !seen.has(digest) && seen.add(digest);
  return { layers: layers.filter(isFirst), configs: manifests.map(({ config }) => config).filter(isFirst) };
}

interface RequiredChild {
  readonly child: Descriptor;
  readonly destination: Destination;
}

/** A manifest of an index that is not in the store must be in the repository. */
async function requireThere(
  { registry }: SendServices,
  { child: { digest, platform }, destination }: RequiredChild,
  call: Call,
): Promise<void> {
  if ((await registry.findManifest({ ...placeOf(destination), digest }, call)) !== undefined) return;
  const what = platform === undefined ? `manifest \`${digest}\`` : `the image for ${formatPlatform(platform)}`;
  throw new MkimageError('not-found', `push image: ${what} of the index is not in the store`, {
    hint: 'push one platform with `--platform`, or pull all of them first',
  });
}
