/** Builds a layer's listing from its tar entries while they are written or read. */
import { crc32 } from 'node:zlib';
import {
  cleanPath,
  DirectoryLinks,
  ImpliedPaths,
  joinPath,
  nameOf,
  parentOf,
  type TreePath,
} from '../content/index.ts';
import { isMkimageError, MkimageError } from '../errors.ts';
import type { Digest } from '../oci/index.ts';
import type { TarHeader } from '../tar/index.ts';
import { IMPLIED, IndexRows } from './index-rows.ts';
import { INDEX_FORMAT, joinPaths, type LayerIndex, layerIndexOf } from './layer-index.ts';
import { requireDirectory } from './unpack/unpack-rules.ts';
import { deviceWhiteout, type Whiteout, whiteoutAt } from './whiteout.ts';

/** Files whose content is stored in the listing, so that users and groups can be found without opening a layer. */
const INLINE = new Set<TreePath>(['etc/passwd', 'etc/group']);
const INLINE_LIMIT = 64 << 10;

/** Call `add` for every entry in order, `data` for its content if `wantsData`, then `finish`. */
export class LayerIndexBuilder {
  readonly #rows = new IndexRows();
  /** The row of each path. */
  readonly #at = new Map<TreePath, number>();
  readonly #whiteouts = new Set<TreePath>();
  readonly #opaques = new Set<TreePath>();
  readonly #inline = new Map<TreePath, Buffer[]>();
  readonly #implied = new ImpliedPaths();
  readonly #links = new DirectoryLinks((path) => this.#linkAt(path));
  /** The file that was added last, if it has data. */
  #current: number | undefined;
  #symlinks = 0;
  /** Receives the content of an inline file. */
  #wanted: Buffer[] | undefined;
  /** The children of each directory. Created when an entry replaces a directory for the first time. */
  #children: Map<TreePath, Set<TreePath>> | undefined;
  /** The parent of the last entry. Most entries have the same parent as the entry before. */
  #knownParent: TreePath | undefined;

  /** Adds one entry of the tar; its data begins at `offset`. Throws `invalid-archive` if its path is not possible. */
  add(entry: TarHeader, offset: number): void {
    this.#wanted = undefined;
    this.#current = undefined;
    const named = cleanPath(entry.path);
    if (named === '') requireDirectory(entry);
    const path = this.#placeOf(named);
    if (path === '') return; // the attributes of the root are ignored, as in LayerApplier
    const whiteout = whiteoutAt(path) ?? deviceWhiteout(entry, path);
    if (whiteout !== undefined) {
      this.#hide(whiteout);
      return;
    }
    this.#implyDirectory(parentOf(path));
    const row = this.#put(path, entry, offset);
    if (entry.type === 'file') this.#current = row;
    if (entry.type === 'file' && INLINE.has(path) && entry.size <= INLINE_LIMIT) {
      this.#wanted = [];
      this.#inline.set(path, this.#wanted);
    }
  }

  /** Adds data of the last entry. */
  data(bytes: Uint8Array): void {
    const row = this.#current;
    if (row !== undefined) this.#rows.setCrc(row, crc32(bytes, this.#rows.crc(row)));
    this.#wanted?.push(Buffer.from(bytes));
  }

  /** True if `data` must be called for the last entry. */
  get wantsData(): boolean {
    return this.#current !== undefined;
  }

  finish(diffId: Digest, size: number): LayerIndex {
    const rows = [...this.#at.values()];
    const paths = [...this.#at.keys()];
    return layerIndexOf({
      format: INDEX_FORMAT,
      diffId,
      size,
      rows: rows.length,
      paths: joinPaths(paths),
      ...this.#rows.columns(rows),
      ...this.#sparseColumns(paths, rows),
      whiteouts: [...this.#whiteouts],
      opaques: [...this.#opaques],
      inline: Object.fromEntries(
        [...this.#inline].map(([path, bytes]) => [path, Buffer.concat(bytes).toString('base64')]),
      ),
    });
  }

  /** Follows symlinks of this layer in the directories of a path, inside the root, as unpacking does. */
  #placeOf(path: TreePath): TreePath {
    if (this.#symlinks === 0) return path;
    const parent = parentOf(path);
    if (parent === this.#knownParent) return path;
    const resolved = this.#resolve(parent);
    return resolved === parent ? path : joinPath(resolved, nameOf(path));
  }

  #resolve(path: TreePath): TreePath {
    try {
      return this.#links.resolve(path);
    } catch (cause) {
      if (isMkimageError(cause, 'limit')) throw cause;
      throw new MkimageError('invalid-archive', `read layer: \`${path}\` is a loop of symlinks`, { cause });
    }
  }

  #linkAt(path: TreePath): string | undefined {
    const row = this.#at.get(path);
    return row !== undefined && this.#rows.typeOf(row) === 'symlink' ? this.#rows.linkname(row) : undefined;
  }

  /** A deletion creates its parent directories, as in LayerApplier. */
  #hide(whiteout: Whiteout): void {
    if (whiteout.kind === 'ignore') {
      this.#links.forget(); // its directory may not exist
      return;
    }
    const opaque = whiteout.kind === 'opaque';
    (opaque ? this.#opaques : this.#whiteouts).add(whiteout.path);
    this.#implyDirectory(opaque ? whiteout.path : parentOf(whiteout.path));
  }

  #implyDirectory(path: TreePath): void {
    if (path === this.#knownParent || path === '') return;
    const missing: TreePath[] = [];
    let at = path;
    let row = this.#at.get(at);
    while (row === undefined && at !== '') {
      this.#implied.count(at);
      missing.push(at);
      at = parentOf(at);
      row = this.#at.get(at);
    }
    const type = row === undefined ? 'directory' : this.#rows.typeOf(row);
    if (type !== 'directory')
      throw new MkimageError('invalid-archive', `read layer: \`${at}\` is a ${type}, but other entries are inside it`);
    for (const directory of missing.reverse()) this.#set(directory, this.#rows.add(IMPLIED, 0));
    this.#knownParent = path;
  }

  #put(path: TreePath, entry: TarHeader, offset: number): number {
    const before = this.#at.get(path);
    if (before !== undefined) this.#replace(path, before, entry);
    if (entry.type === 'symlink') this.#symlinks++;
    const row = this.#rows.add(entry, offset);
    this.#set(path, row);
    return row;
  }

  #set(path: TreePath, row: number): void {
    this.#at.set(path, row);
    if (this.#children !== undefined) addChild(this.#children, path);
  }

  /** A directory over a directory only changes its attributes. All other entries replace the old object with its content. */
  #replace(path: TreePath, before: number, after: TarHeader): void {
    this.#inline.delete(path);
    const type = this.#rows.typeOf(before);
    if (type === 'symlink') this.#links.forget();
    if (type !== 'directory' || after.type === 'directory') return;
    this.#knownParent = undefined;
    this.#links.forget();
    this.#children ??= childrenOf(this.#at.keys());
    this.#removeBelow(path, this.#children);
  }

  #removeBelow(directory: TreePath, children: Map<TreePath, Set<TreePath>>): void {
    const directories = [directory];
    for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
      for (const path of children.get(at) ?? []) {
        directories.push(path);
        this.#at.delete(path);
      }
      children.delete(at);
    }
  }

  #sparseColumns(paths: readonly TreePath[], rows: readonly number[]) {
    const linknames: Record<number, string> = {};
    const hardlinks: Record<number, TreePath> = {};
    const firstNames = new Map<TreePath, TreePath>();
    const devices: Record<number, readonly [number, number]> = {};
    const xattrs: Record<number, Readonly<Record<string, string>>> = {};
    for (const [row, entry] of this.#rows.special(rows)) {
      if (entry.type === 'symlink') linknames[row] = entry.linkname ?? '';
      else if (entry.type === 'hardlink') hardlinks[row] = this.#firstNameOf(paths[row]!, entry.linkname, firstNames);
      else if (entry.device !== undefined) devices[row] = [entry.device.major, entry.device.minor];
      if (entry.xattrs !== undefined) xattrs[row] = entry.xattrs;
    }
    return { linknames, hardlinks, devices, xattrs };
  }

  /** Follows hard links to hard links until the first name. `known` contains the results for earlier links. */
  #firstNameOf(path: TreePath, linkname: string | undefined, known: Map<TreePath, TreePath>): TreePath {
    const way = new Set([path]);
    for (let at = linkname ?? ''; ; ) {
      const target = this.#placeOf(cleanPath(at));
      const row = this.#at.get(target);
      const type = row === undefined ? undefined : this.#rows.typeOf(row);
      if (way.has(target) || type === 'directory') {
        throw new MkimageError(
          'invalid-archive',
          `read layer: \`${path}\` is a hard link to \`${target}\`, which is not a file`,
        );
      }
      const first = type === 'hardlink' ? known.get(target) : target;
      if (first !== undefined) {
        for (const link of way) known.set(link, first);
        return first;
      }
      way.add(target);
      at = this.#rows.linkname(row!);
    }
  }
}

function childrenOf(paths: Iterable<TreePath>): Map<TreePath, Set<TreePath>> {
  const children = new Map<TreePath, Set<TreePath>>();
  for (const path of paths) addChild(children, path);
  return children;
}

function addChild(children: Map<TreePath, Set<TreePath>>, path: TreePath): void {
  const parent = parentOf(path);
  const siblings = children.get(parent);
  if (siblings === undefined) children.set(parent, new Set([path]));
  else siblings.add(path);
}
