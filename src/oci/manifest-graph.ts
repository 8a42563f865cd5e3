import { isMkimageError, MkimageError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { ANNOTATION } from './image-layout.ts';
import type { ImageIndex, Manifest } from './manifest.ts';
import { isIndexType } from './media-types.ts';
import { type ManifestOrIndex, parseManifestOrIndex } from './parse-manifest.ts';

/** The documents behind a descriptor. Each manifest and index is read once, at its position nearest to the root. */
export type ManifestNode =
  | { readonly kind: 'manifest'; readonly descriptor: Descriptor; readonly manifest: Manifest }
  | {
      readonly kind: 'index';
      readonly descriptor: Descriptor;
      readonly index: ImageIndex;
      /** In the order of the index. */
      readonly children: readonly ManifestNode[];
    }
  /** Its bytes are missing or were not requested. */
  | { readonly kind: 'unread'; readonly descriptor: Descriptor }
  /** Listed more than once, perhaps for another platform. Its content is at another node of the graph. */
  | { readonly kind: 'repeated'; readonly descriptor: Descriptor };

export interface GraphBounds {
  /** Depth of nested indexes, including the outermost. */
  readonly depth: number;
  /** Number of manifests and indexes, in total. */
  readonly count: number;
}

export interface GraphOptions {
  /** Default `GRAPH_BOUNDS`. */
  readonly bounds?: GraphBounds;
  /** Skips invalid manifests instead of throwing. */
  readonly lenient?: boolean;
  /** Creates the error for a graph that is too large; default: `invalid-archive`. */
  readonly refuse?: (detail: string) => MkimageError;
}

/** Real images nest indexes less deeply. */
export const GRAPH_BOUNDS: GraphBounds = { depth: 4, count: 10_000 };
/** For the garbage collector, which must keep everything reachable. The walk still ends, because no node is read twice. */
export const NO_BOUNDS: GraphBounds = { depth: Number.POSITIVE_INFINITY, count: Number.POSITIVE_INFINITY };

/** Returns the verified bytes of a descriptor; undefined skips the node. Its errors end the walk. */
type Read<T> = (descriptor: Descriptor) => T;

/** Reads the graph of a descriptor. Throws `invalid-archive`, as `parseManifest`, and the errors of `read`. */
export function readManifestGraph(
  root: Descriptor,
  read: Read<Uint8Array | undefined>,
  options: GraphOptions = {},
): ManifestNode {
  const walk = walkGraph(root, options);
  let step = walk.next();
  while (!step.done) step = walk.next(read(step.value));
  return step.value;
}

/** The same with asynchronous reads, one after the other. */
export async function fetchManifestGraph(
  root: Descriptor,
  read: Read<Promise<Uint8Array | undefined>>,
  options: GraphOptions = {},
): Promise<ManifestNode> {
  const walk = walkGraph(root, options);
  let step = walk.next();
  while (!step.done) step = walk.next(await read(step.value));
  return step.value;
}

/**
 * The images of a graph, in the order of the indexes, repeated as often as they are listed. Attestations and unread indexes are
 * left out.
 */
export function listGraphImages(node: ManifestNode): readonly Descriptor[] {
  if (node.kind !== 'index')
    return node.kind !== 'manifest' && isIndexType(node.descriptor.mediaType) ? [] : [node.descriptor];
  return node.children.flatMap((child) => (isReferrer(child.descriptor) ? [] : listGraphImages(child)));
}

/** All nodes of a graph, parents before children. */
export function listNodes(node: ManifestNode): readonly ManifestNode[] {
  const nodes = [node];
  for (const each of nodes) {
    if (each.kind !== 'index') continue;
    for (const child of each.children) if (child.kind !== 'repeated') nodes.push(child);
  }
  return nodes;
}

/** True for an entry that is not an image but describes one: an attestation (BuildKit's annotation). */
export function isReferrer({ annotations }: Descriptor): boolean {
  return annotations?.[ANNOTATION.referenceType] !== undefined;
}

/** A node under construction. */
interface Draft {
  readonly descriptor: Descriptor;
  /** Number of parent indexes. */
  readonly depth: number;
  readonly isRepeated: boolean;
  found?: ManifestOrIndex | undefined;
  children: readonly Draft[];
}

/** Walks breadth first, without recursion. Yields a descriptor to request its bytes, so that callers can be synchronous or not. */
function* walkGraph(
  root: Descriptor,
  { bounds = GRAPH_BOUNDS, refuse = createSizeError, lenient = false }: GraphOptions,
): Generator<Descriptor, ManifestNode, Uint8Array | undefined> {
  const seen = new Set<Digest>([root.digest]);
  const drafts: Draft[] = [{ descriptor: root, depth: 0, isRepeated: false, children: [] }];
  for (const draft of drafts) {
    if (draft.isRepeated) continue;
    const bytes = yield draft.descriptor;
    draft.found = bytes && parseNode(bytes, draft.descriptor, lenient);
    if (draft.found?.kind !== 'index') continue;
    if (draft.depth >= bounds.depth) throw refuse(`indexes are nested more than ${bounds.depth} deep`);
    draft.children = draft.found.index.manifests.map((descriptor) => {
      const isRepeated = seen.has(descriptor.digest);
      seen.add(descriptor.digest);
      return { descriptor, depth: draft.depth + 1, isRepeated, children: [] };
    });
    if (seen.size > bounds.count) throw refuse(`it lists more than ${bounds.count} manifests`);
    for (const child of draft.children) drafts.push(child);
  }
  return finishNodes(drafts);
}

function parseNode(bytes: Uint8Array, descriptor: Descriptor, lenient: boolean): ManifestOrIndex | undefined {
  try {
    return parseManifestOrIndex(bytes, descriptor);
  } catch (error) {
    if (lenient && isMkimageError(error)) return undefined;
    throw error;
  }
}

/** Goes from last to first, so that children are finished before their parents. */
function finishNodes(drafts: readonly Draft[]): ManifestNode {
  const nodes = new Map<Draft, ManifestNode>();
  for (const draft of [...drafts].reverse()) {
    const { descriptor, found } = draft;
    const children = draft.children.map((child) => nodes.get(child)!);
    if (found === undefined) nodes.set(draft, { kind: draft.isRepeated ? 'repeated' : 'unread', descriptor });
    else if (found.kind === 'manifest') nodes.set(draft, { kind: 'manifest', descriptor, manifest: found.manifest });
    else nodes.set(draft, { kind: 'index', descriptor, index: found.index, children });
  }
  return nodes.get(drafts[0]!)!;
}

function createSizeError(detail: string): MkimageError {
  return new MkimageError('invalid-archive', `read image: ${detail}`);
}
