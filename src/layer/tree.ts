/** The merged view of layers: the same content as an overlay mount, without unpacking them. */
import {
  comparePaths,
  type FileEntry,
  type FileLocation,
  type FileTree,
  parentOf,
  type TreePath,
} from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import type { Digest } from '../oci/index.ts';
import type { LayerEntry, LayerIndex } from './layer-index.ts';

/** An object of a layer, and that layer. */
export interface Held {
  readonly layer: number;
  readonly index: LayerIndex;
  readonly entry: LayerEntry;
}

/** Gives the tree access to content. `layer` is the position in the stack; the lowest layer is 0. */
export interface LayerAccess {
  locate(held: Held): FileLocation | Promise<FileLocation>;
  digest(held: Held): Digest | Promise<Digest>;
}

const ROOT: FileEntry = { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };

/** Creates the merged view; lowest layer first. The root always exists. */
export function createLayeredTree(layers: readonly LayerIndex[], access: LayerAccess): FileTree {
  const indexes = layers.map((index) => new LayerView(index));
  const find = (path: TreePath) => findIn(indexes, path, indexes.length);
  const fileAt = (path: TreePath): Held => {
    const found = find(path);
    if (found === undefined || found.entry.type !== 'file') throw notAFile(path, found?.entry);
    return found;
  };
  return {
    stat: (path) => publicEntry(find(path)?.entry, path),
    list: (path) => listIn(indexes, path),
    locate: (path) => access.locate(fileAt(path)),
    digest: (path) => access.digest(fileAt(path)),
  };
}

/** A layer, and a test which objects of lower layers it hides. Results for directories are cached. */
class LayerView {
  readonly index: LayerIndex;
  readonly #hidden = new Map<TreePath, boolean>();

  constructor(index: LayerIndex) {
    this.index = index;
  }

  /** Returns true if objects of lower layers at this path are hidden. */
  hidesBelow(path: TreePath): boolean {
    const { whiteouts, opaques } = this.index;
    if (whiteouts.has(path)) return true;
    if (path === '') return false;
    // The parents of an entry are directories, so they hide nothing.
    if (whiteouts.size === 0 && opaques.size === 0 && this.index.entry(path) !== undefined) return false;
    return this.hidesContents(parentOf(path));
  }

  /** Returns true if the content of this directory in lower layers is hidden. */
  hidesContents(directory: TreePath): boolean {
    const unknown: TreePath[] = [];
    let at = directory;
    let hidden = this.#hidden.get(at);
    while (hidden === undefined && at !== '') {
      unknown.push(at);
      at = parentOf(at);
      hidden = this.#hidden.get(at);
    }
    let found = hidden ?? this.index.opaques.has('');
    for (let path = unknown.pop(); path !== undefined; path = unknown.pop()) {
      found ||= this.#hidesOwnContents(path);
      this.#hidden.set(path, found);
    }
    return found;
  }

  #hidesOwnContents(directory: TreePath): boolean {
    const { index } = this;
    if (index.whiteouts.has(directory) || index.opaques.has(directory)) return true;
    const entry = index.entry(directory);
    return entry !== undefined && entry !== 'implied' && entry.type !== 'directory';
  }
}

/** The topmost object at a path in the layers below `top`. */
function findIn(indexes: readonly LayerView[], path: TreePath, top: number): Held | undefined {
  let implied: Held | undefined;
  for (let layer = top - 1; layer >= 0; layer--) {
    const { index } = indexes[layer]!;
    const entry = index.entry(path);
    if (entry !== undefined && entry !== 'implied') {
      if (implied !== undefined && entry.type !== 'directory') return implied;
      return followLink(indexes, { layer, index, entry });
    }
    if (entry === 'implied') implied ??= { layer, index, entry: { ...ROOT, path } };
    if (indexes[layer]!.hidesBelow(path)) break;
  }
  return implied;
}

/** A hard link to a file of a lower layer has that file's attributes and bytes. */
function followLink(indexes: readonly LayerView[], held: Held): Held {
  const { layer, index, entry } = held;
  const outside = index.outsideLink(entry.path);
  if (outside === undefined) return held;
  const target = findIn(indexes, outside, layer);
  if (target?.entry.type === 'file') return { ...target, entry: { ...target.entry, path: entry.path } };
  throw new MkimageError(
    'invalid-archive',
    `read layer: \`${entry.path}\` is a hard link to \`${outside}\`, which is not a file`,
  );
}

function listIn(indexes: readonly LayerView[], directory: TreePath): FileEntry[] {
  if (directory !== '' && findIn(indexes, directory, indexes.length)?.entry.type !== 'directory') return [];
  const paths = new Set<TreePath>();
  for (let layer = indexes.length - 1; layer >= 0; layer--) {
    for (const path of indexes[layer]!.index.children(directory)) paths.add(path);
    if (indexes[layer]!.hidesContents(directory)) break;
  }
  const found = [...paths]
    .sort(comparePaths)
    .map((path) => publicEntry(findIn(indexes, path, indexes.length)?.entry, path));
  return found.filter((entry) => entry !== undefined);
}

function publicEntry(entry: LayerEntry | undefined, path: TreePath): FileEntry | undefined {
  if (entry === undefined) return path === '' ? ROOT : undefined;
  const { offset: _, crc: _crc, ...rest } = entry;
  return rest;
}

function notAFile(path: TreePath, entry: FileEntry | undefined): MkimageError {
  const detail = entry === undefined ? 'it does not exist' : `it is a ${entry.type}`;
  return new MkimageError('not-found', `read \`/${path}\`: ${detail}`);
}
