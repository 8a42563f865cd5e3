import { isMkimageError, MkimageError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { ANNOTATION } from './image-layout.ts';
import type { ImageIndex, Manifest } from './manifest.ts';
import { isIndexType } from './media-types.ts';
import { type ManifestOrIndex, parseManifestOrIndex } from './parse-manifest.ts';

/** What a descriptor leads to. Each manifest and index is read once, where it is listed nearest to the root. */
export type ManifestNode =
  | { readonly kind: 'manifest'; readonly descriptor: Descriptor; readonly manifest: Manifest }
  | {
      readonly kind: 'index';
      readonly descriptor: Descriptor;
      readonly index: ImageIndex;
      /** In the order of the index. */
      readonly children: readonly ManifestNode[];
    }
  /** Its bytes were not given: they are missing, or nobody wants to know. */
  | { readonly kind: 'unread'; readonly descriptor: Descriptor }
  /** Listed again, perhaps for another platform; what it leads to stands elsewhere in the graph. */
  | { readonly kind: 'repeated'; readonly descriptor: Descriptor };

export interface GraphBounds {
  /** Indexes that lie in each other, the outermost included. */
  readonly depth: number;
  /** Manifests and indexes, all together. */
  readonly count: number;
}

export interface GraphOptions {
  /** Default `GRAPH_BOUNDS`. */
  readonly bounds?: GraphBounds;
  /** What is no manifest is left unread instead of ending the walk. */
  readonly lenient?: boolean;
  /** Words a graph that is too large; by default as `invalid-archive`. */
  readonly refuse?: (detail: string) => MkimageError;
}

/** Index in index in index: nobody needs more. */
export const GRAPH_BOUNDS: GraphBounds = { depth: 4, count: 10_000 };
/** For a collector of garbage, which keeps whatever is reached: the walk ends anyway, because nothing is looked into twice. */
export const NO_BOUNDS: GraphBounds = { depth: Number.POSITIVE_INFINITY, count: Number.POSITIVE_INFINITY };

/** The bytes behind a descriptor, known to be those of its digest; undefined leaves the node unread. What it throws ends the walk. */
type Read<T> = (descriptor: Descriptor) => T;

/** All that a descriptor leads to. Throws `invalid-archive` and as `parseManifest`, and what `read` throws. */
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

/** The same for bytes that have to be waited for; they are asked for one after the other. */
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
 * The images that a graph lists, as often as it does, in the order of the indexes; attestations and the like are left out, and so
 * are indexes that were not read.
 */
export function imagesIn(node: ManifestNode): readonly Descriptor[] {
  if (node.kind !== 'index')
    return node.kind !== 'manifest' && isIndexType(node.descriptor.mediaType) ? [] : [node.descriptor];
  return node.children.flatMap((child) => (isReferrer(child.descriptor) ? [] : imagesIn(child)));
}

/** Every node of a graph once, each before what it lists. */
export function nodesOf(node: ManifestNode): readonly ManifestNode[] {
  const nodes = [node];
  for (const each of nodes) {
    if (each.kind !== 'index') continue;
    for (const child of each.children) if (child.kind !== 'repeated') nodes.push(child);
  }
  return nodes;
}

/** What an index lists beside images: attestations, which speak of one of them (BuildKit's annotation). */
export function isReferrer({ annotations }: Descriptor): boolean {
  return annotations?.[ANNOTATION.referenceType] !== undefined;
}

/** A node that is still being filled in. */
interface Draft {
  readonly descriptor: Descriptor;
  /** Indexes above. */
  readonly depth: number;
  readonly isRepeated: boolean;
  found?: ManifestOrIndex | undefined;
  children: readonly Draft[];
}

/** Asks for bytes by yielding the descriptor; it is the caller who knows how to get them. Breadth first, without recursion. */
function* walkGraph(
  root: Descriptor,
  { bounds = GRAPH_BOUNDS, refuse = tooLarge, lenient = false }: GraphOptions,
): Generator<Descriptor, ManifestNode, Uint8Array | undefined> {
  const seen = new Set<Digest>([root.digest]);
  const drafts: Draft[] = [{ descriptor: root, depth: 0, isRepeated: false, children: [] }];
  for (const draft of drafts) {
    if (draft.isRepeated) continue;
    const bytes = yield draft.descriptor;
    draft.found = bytes && parsed(bytes, draft.descriptor, lenient);
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
  return finished(drafts);
}

function parsed(bytes: Uint8Array, descriptor: Descriptor, lenient: boolean): ManifestOrIndex | undefined {
  try {
    return parseManifestOrIndex(bytes, descriptor);
  } catch (error) {
    if (lenient && isMkimageError(error)) return undefined;
    throw error;
  }
}

/** From the last to the first: children are done before what lists them. */
function finished(drafts: readonly Draft[]): ManifestNode {
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

function tooLarge(detail: string): MkimageError {
  return new MkimageError('invalid-archive', `read image: ${detail}`);
}
