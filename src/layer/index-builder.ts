/** Makes a layer's listing out of its tar entries, as they are written or as they pass by. */
import { crc32 } from 'node:zlib';
import {
  cleanPath,
  DirectoryLinks,
  type FileType,
  ImpliedPaths,
  joinPath,
  nameOf,
  parentOf,
  type TreePath,
} from '../content/index.ts';
import { isMkimageError, MkimageError } from '../errors.ts';
import type { Digest } from '../oci/index.ts';
import type { TarHeader } from '../tar/index.ts';
import { INDEX_FORMAT, type IndexColumns, joinPaths, type LayerIndex, layerIndexOf } from './layer-index.ts';
import { requireDirectory } from './unpack-rules.ts';
import { deviceWhiteout, type Whiteout, whiteoutAt } from './whiteout.ts';

/** Files whose bytes go into the listing, so that users and groups can be looked up without opening a layer. */
const INLINE = new Set<TreePath>(['etc/passwd', 'etc/group']);
const INLINE_LIMIT = 64 << 10;

const IMPLIED: TarHeader = { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };

interface Row {
  readonly path: TreePath;
  readonly entry: TarHeader;
  /** Where a file's data begins. */
  readonly offset: number;
  /** The crc32 of the data seen so far. */
  crc: number;
}

/** Feed it every entry in order, `data` for the files it wants, then `finish`. */
export class LayerIndexBuilder {
  readonly #rows = new Map<TreePath, Row>();
  readonly #whiteouts = new Set<TreePath>();
  readonly #opaques = new Set<TreePath>();
  readonly #inline = new Map<TreePath, Buffer[]>();
  readonly #implied = new ImpliedPaths();
  readonly #links = new DirectoryLinks((path) => this.#linkAt(path));
  /** The file that was added last, if it has data. */
  #current: Row | undefined;
  #symlinks = 0;
  /** Where `data` goes. */
  #wanted: Buffer[] | undefined;
  /** What is in each directory; made when something first takes a directory's place. */
  #children: Map<TreePath, Set<TreePath>> | undefined;
  /** The directory that was last known to be one: most entries share it with the one before. */
  #knownParent: TreePath | undefined;

  /** One entry of the tar, its data at `offset`. Throws `invalid-archive` if it cannot be where it says. */
  add(entry: TarHeader, offset: number): void {
    this.#wanted = undefined;
    this.#current = undefined;
    const named = cleanPath(entry.path);
    if (named === '') requireDirectory(entry);
    const path = this.#placeOf(named);
    if (path === '') return; // the root is what it is, as for who unpacks
    const whiteout = whiteoutAt(path) ?? deviceWhiteout(entry, path);
    if (whiteout !== undefined) {
      this.#hide(whiteout);
      return;
    }
    this.#implyDirectory(parentOf(path));
    const row: Row = { path, entry, offset, crc: 0 };
    this.#put(row);
    if (entry.type === 'file') this.#current = row;
    if (entry.type === 'file' && INLINE.has(path) && entry.size <= INLINE_LIMIT) {
      this.#wanted = [];
      this.#inline.set(path, this.#wanted);
    }
  }

  /** Data of the entry that was added last. */
  data(bytes: Uint8Array): void {
    if (this.#current !== undefined) this.#current.crc = crc32(bytes, this.#current.crc);
    this.#wanted?.push(Buffer.from(bytes));
  }

  /** True if `data` is of any use for the entry that was added last. */
  get wantsData(): boolean {
    return this.#current !== undefined;
  }

  finish(diffId: Digest, size: number): LayerIndex {
    const rows = [...this.#rows.values()];
    return layerIndexOf({
      format: INDEX_FORMAT,
      diffId,
      size,
      rows: rows.length,
      paths: joinPaths(rows.map((row) => row.path)),
      ...attributeColumns(rows),
      sizes: rows.map(({ entry }) => entry.size),
      mtimes: rows.map(({ entry }) => entry.mtime),
      offsets: rows.map(({ entry, offset }) => (entry.type === 'file' ? offset : 0)),
      crcs: rows.map(({ crc }) => crc),
      ...this.#sparseColumns(rows),
      whiteouts: [...this.#whiteouts],
      opaques: [...this.#opaques],
      inline: Object.fromEntries(
        [...this.#inline].map(([path, bytes]) => [path, Buffer.concat(bytes).toString('base64')]),
      ),
    });
  }

  /** Symlinks of the same layer on the way to a path are followed, inside the root, as every unpacker does. */
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
    const entry = this.#rows.get(path)?.entry;
    return entry?.type === 'symlink' ? entry.linkname : undefined;
  }

  /** As for who unpacks, a deletion makes the directories on the way to it. */
  #hide(whiteout: Whiteout): void {
    if (whiteout.kind === 'ignore') {
      this.#links.forget(); // its directory need not be there
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
    let row = this.#rows.get(at);
    while (row === undefined && at !== '') {
      this.#implied.count(at);
      missing.push(at);
      at = parentOf(at);
      row = this.#rows.get(at);
    }
    if (row !== undefined && row.entry.type !== 'directory') {
      throw new MkimageError('invalid-archive', `read layer: \`${at}\` is a ${row.entry.type} and has something in it`);
    }
    for (const directory of missing.reverse()) this.#set({ path: directory, entry: IMPLIED, offset: 0, crc: 0 });
    this.#knownParent = path;
  }

  #put(row: Row): void {
    const before = this.#rows.get(row.path);
    if (before !== undefined) this.#replace(before, row);
    if (row.entry.type === 'symlink') this.#symlinks++;
    this.#set(row);
  }

  #set(row: Row): void {
    this.#rows.set(row.path, row);
    if (this.#children !== undefined) addChild(this.#children, row.path);
  }

  /** A directory over a directory only changes its attributes; anything else takes the place of all that was there. */
  #replace(before: Row, after: Row): void {
    this.#inline.delete(after.path);
    if (before.entry.type === 'symlink') this.#links.forget();
    if (before.entry.type !== 'directory' || after.entry.type === 'directory') return;
    this.#knownParent = undefined;
    this.#links.forget();
    this.#children ??= childrenOf(this.#rows.keys());
    this.#removeBelow(after.path, this.#children);
  }

  #removeBelow(directory: TreePath, children: Map<TreePath, Set<TreePath>>): void {
    const directories = [directory];
    for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
      for (const path of children.get(at) ?? []) {
        directories.push(path);
        this.#rows.delete(path);
      }
      children.delete(at);
    }
  }

  #sparseColumns(rows: readonly Row[]) {
    const linknames: Record<number, string> = {};
    const hardlinks: Record<number, TreePath> = {};
    const firstNames = new Map<TreePath, TreePath>();
    const devices: Record<number, readonly [number, number]> = {};
    const xattrs: Record<number, Readonly<Record<string, string>>> = {};
    rows.forEach(({ path, entry }, row) => {
      if (entry.type === 'symlink') linknames[row] = entry.linkname ?? '';
      else if (entry.type === 'hardlink') hardlinks[row] = this.#firstNameOf(path, entry, firstNames);
      else if (entry.device !== undefined) devices[row] = [entry.device.major, entry.device.minor];
      if (entry.xattrs !== undefined) xattrs[row] = entry.xattrs;
    });
    return { linknames, hardlinks, devices, xattrs };
  }

  /** A link to a link is a link to what that one links to; `known` holds what was found for the links before. */
  #firstNameOf(path: TreePath, entry: TarHeader, known: Map<TreePath, TreePath>): TreePath {
    const way = new Set([path]);
    for (let at = entry; ; ) {
      const target = this.#linkTarget(at);
      const row = this.#rows.get(target);
      if (way.has(target) || row?.entry.type === 'directory') {
        throw new MkimageError(
          'invalid-archive',
          `read layer: \`${path}\` is a hard link to \`${target}\`, which is no file`,
        );
      }
      const first = row?.entry.type === 'hardlink' ? known.get(target) : target;
      if (first !== undefined) {
        for (const link of way) known.set(link, first);
        return first;
      }
      way.add(target);
      at = row!.entry;
    }
  }

  #linkTarget(entry: TarHeader): TreePath {
    return this.#placeOf(cleanPath(entry.linkname ?? ''));
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

function attributeColumns(rows: readonly Row[]): Pick<IndexColumns, 'attributes' | 'attribute'> {
  const attributes: IndexColumns['attributes'][number][] = [];
  const known = new Map<string, number>();
  let last: TarHeader | undefined;
  let number = 0;
  const attribute = rows.map(({ entry }) => {
    if (last !== undefined && sameAttributes(last, entry)) return number;
    last = entry;
    const type = typeOf(entry);
    const key = `${type} ${entry.mode} ${entry.uid} ${entry.gid}`;
    number = known.get(key) ?? attributes.length;
    if (number === attributes.length) {
      known.set(key, number);
      attributes.push([type, entry.mode, entry.uid, entry.gid]);
    }
    return number;
  });
  return { attributes, attribute };
}

function sameAttributes(a: TarHeader, b: TarHeader): boolean {
  const sameType = a.type === b.type && (a === IMPLIED) === (b === IMPLIED);
  return sameType && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

/** A hard link's own attributes do not count: it is listed with those of the file. */
function typeOf(entry: TarHeader): FileType | 'implied' {
  if (entry === IMPLIED) return 'implied';
  return entry.type === 'hardlink' ? 'file' : entry.type;
}
