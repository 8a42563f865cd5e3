import { closeSync, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { type FileEntry, type FileLocation, type FileTree, parentOf, type TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { descriptorPath, ExactFiles, openDirectory } from '../../host/index.ts';
import { type Digest, digestOf } from '../../oci/index.ts';
import { bytesOfText, textOfBytes, toFsName } from '../../tar/index.ts';
import type { MatchState, PathMatcher } from '../patterns/path-matcher.ts';
import { isSameStamp } from './file-stamp.ts';
import { Folder, UNNUMBERED } from './folder.ts';
import { hashFile } from './hash-file.ts';
import { entryOf, typeOf } from './local-entry.ts';
import { SmallFiles } from './small-files.ts';
import type { StatCache } from './stat-cache.ts';
import type { Xattrs } from './stat-table.ts';
import { codeOf, isRefused, readWithPath, unreadable } from './unreadable.ts';

/** Extended attributes of a file without following a symlink: names to base64 values. */
export type ReadXattrs = (file: string | Buffer) => Xattrs;

export interface LocalTreeOptions {
  /** Absolute, resolved, without a trailing slash (`''` for `/`). */
  readonly root: string;
  readonly matcher: PathMatcher | undefined;
  readonly cache: StatCache;
  /** A path that is left out of the tree; `found` is called when the walk reaches it. */
  readonly leftOut: { readonly path: TreePath; readonly found: () => void } | undefined;
  readonly readXattrs: ReadXattrs | undefined;
}

/** An entry of a listing and its number in the stat cache. */
interface Seen {
  readonly entry: FileEntry;
  readonly number: number;
}

/** The position of a file in the listings. */
interface Listed {
  readonly folder: Folder;
  readonly index: number;
  readonly entry: FileEntry;
}

const NOTHING = digestOf('');
const NO_BYTES = new Uint8Array();
const MAY_BE_GONE = { throwIfNoEntry: false } as const;

/**
 * A directory of the host as a tree. Each directory is listed once, when one of its entries is requested, so that a build sees one
 * state. Only listed names are opened. Symlinks are never followed, also not one that replaces a directory during the build, so no
 * path can lead out of the root. All entries belong to 0:0. An ignored directory is included only if one of its entries is not
 * ignored, as in BuildKit.
 */
export class LocalTree implements FileTree {
  readonly #options: LocalTreeOptions;
  readonly #folders = new Map<TreePath, Folder>();
  readonly #files = new ExactFiles();
  readonly #held = new SmallFiles();
  /** What was looked at so far: entries listed, digests that an earlier build had found, and files that were read for one. */
  readonly counts = { listed: 0, remembered: 0, hashed: 0 };

  constructor(options: LocalTreeOptions) {
    this.#options = options;
    const stats = lstatSync(options.root === '' ? '/' : options.root);
    this.#folders.set('', new Folder(entryOf('', { type: 'directory', stats }), options.matcher?.start));
  }

  stat(path: TreePath): FileEntry | undefined {
    return path === '' ? this.#folders.get('')!.entry : this.#find(path)?.entry;
  }

  list(path: TreePath): readonly FileEntry[] {
    const folder = this.#folder(path);
    return folder === undefined ? [] : this.#entries(folder);
  }

  locate(path: TreePath): FileLocation {
    const { folder, index, entry } = this.#file(path);
    const { size } = entry;
    const bytes = size === 0 ? NO_BYTES : this.#held.bytes(folder.number(index), size);
    if (bytes !== undefined) return { kind: 'bytes', bytes };
    return { kind: 'host', file: `${this.#options.root}/${path}`, offset: 0, size, isExact: true };
  }

  digest(path: TreePath): Digest | Promise<Digest> {
    const file = this.#file(path);
    if (file.entry.size === 0) return NOTHING;
    const remembered = this.#options.cache.digest(file.folder.number(file.index));
    this.counts[remembered === undefined ? 'hashed' : 'remembered'] += 1;
    return remembered ?? this.#hash(file);
  }

  /** Frees the kept bytes of small files. All methods still work. */
  rest(): void {
    this.#files.close();
    this.#held.clear();
  }

  #hash({ folder, index, entry: { path, size } }: Listed): Digest | Promise<Digest> {
    const { cache, root } = this.#options;
    const hashed = readWithPath(path, () => hashFile(this.#files.open(`${root}/${path}`), size));
    const keep = ({ digest, after, bytes }: Awaited<typeof hashed>): Digest => {
      const isLasting = isSameStamp(cache.stamp(folder.number(index)), after);
      const number = cache.remember(folder.number(index), { digest }, { isLasting });
      folder.setNumber(index, number);
      if (bytes?.length === size) this.#held.hold(number, bytes);
      return digest;
    };
    return hashed instanceof Promise ? hashed.then(keep) : keep(hashed);
  }

  #file(path: TreePath): Listed {
    const found = path === '' ? undefined : this.#find(path);
    if (found?.entry.type !== 'file')
      throw new MkimageError('not-found', `open \`${path}\`: no such file in the context`);
    return found;
  }

  #find(path: TreePath): Listed | undefined {
    const folder = this.#folder(parentOf(path));
    if (folder === undefined) return undefined;
    const entries = this.#entries(folder);
    const index = folder.indexOf(path);
    return index < 0 ? undefined : { folder, index, entry: entries[index]! };
  }

  #folder(path: TreePath): Folder | undefined {
    const known = this.#folders.get(path);
    if (known !== undefined || path === '') return known;
    const parent = this.#folder(parentOf(path));
    if (parent === undefined || parent.entries !== undefined) return undefined;
    this.#entries(parent);
    return this.#folders.get(path);
  }

  #entries(folder: Folder): readonly FileEntry[] {
    if (folder.entries !== undefined) return folder.entries;
    const { path } = folder.entry;
    const prefix = path === '' ? '' : `${path}/`;
    const entries: FileEntry[] = [];
    const numbers: number[] = [];
    const opened = this.#open(folder);
    if (opened !== undefined) {
      try {
        const place = `${descriptorPath(opened)}/`;
        for (const name of readWithPath(path, () => namesIn(place))) {
          const seen = this.#visit(prefix + name, place + name, folder.state);
          if (seen === undefined) continue;
          entries.push(seen.entry);
          numbers.push(seen.number);
        }
      } finally {
        closeSync(opened);
      }
    }
    folder.fill(entries, numbers);
    this.counts.listed += entries.length;
    return entries;
  }

  /** Keeps a directory open while it is listed, so that a link that replaces it, or a parent, is not followed. */
  #open(directory: Folder): number | undefined {
    const { path } = directory.entry;
    try {
      return openDirectory(this.#hostPath(path));
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || (isRefused(error) && (directory.state?.decidedBy ?? -1) >= 0)) return undefined;
      throw unreadable(path, error);
    }
  }

  /** Reads one name of a listing; undefined if it is ignored or was removed meanwhile. */
  #visit(path: TreePath, file: string, parent: MatchState | undefined): Seen | undefined {
    const { matcher, leftOut } = this.#options;
    const ignored = matcher !== undefined && matcher.decide(path, parent!) >= 0;
    if (ignored && !matcher.canExceptBelow(path)) return undefined;
    if (path === leftOut?.path) {
      leftOut.found();
      return undefined;
    }
    const known = readWithPath(path, () => this.#lookUp(path));
    if (known !== undefined && !ignored) return known;
    const stats = readWithPath(path, () => lstatSync(toFsName(file), MAY_BE_GONE));
    if (stats === undefined || (ignored && !stats.isDirectory())) return undefined;
    const seen = this.#seen(path, file, stats);
    if (seen.entry.type !== 'directory') return seen;
    const folder = new Folder(seen.entry, matcher?.enter(path, parent!));
    if (ignored && this.#entries(folder).length === 0) return undefined;
    this.#folders.set(path, folder);
    return seen;
  }

  /**
   * For a file in the stat cache the whole path is used, which is faster and safe because its inode is compared. All other files
   * are read through the open directory.
   */
  #lookUp(path: TreePath): Seen | undefined {
    const { cache, readXattrs } = this.#options;
    if (cache.isEmpty) return undefined;
    const stats = lstatSync(this.#hostPath(path), MAY_BE_GONE);
    const number = stats === undefined ? undefined : cache.find(path, stats);
    if (number === undefined || !stats!.isFile()) return undefined;
    const xattrs = readXattrs === undefined ? undefined : cache.xattrs(number);
    if (readXattrs !== undefined && xattrs === undefined) return undefined;
    // Reuses the string of the cache to save memory.
    return { entry: entryOf(cache.path(number), { type: 'file', stats: stats!, xattrs: someOf(xattrs) }), number };
  }

  #seen(path: TreePath, file: string, stats: Stats): Seen {
    const { cache } = this.#options;
    const type = typeOf(stats);
    const linkname = type === 'symlink' ? this.#readlink(path, file) : undefined;
    const known = cache.find(path, stats);
    const xattrs = this.#xattrs(path, file, known);
    const entry = entryOf(path, { type, stats, linkname, xattrs: someOf(xattrs) });
    if (entry.size === 0 && xattrs === undefined) return { entry, number: UNNUMBERED };
    const number = known ?? cache.add(path, stats);
    return { entry, number: xattrs === undefined ? number : cache.remember(number, { xattrs }) };
  }

  #xattrs(path: TreePath, file: string, known: number | undefined): Xattrs | undefined {
    const { readXattrs, cache } = this.#options;
    if (readXattrs === undefined) return undefined;
    return (
      (known === undefined ? undefined : cache.xattrs(known)) ?? readWithPath(path, () => readXattrs(toFsName(file)))
    );
  }

  #readlink(path: TreePath, file: string): string {
    return readWithPath(path, () => textOfBytes(readlinkSync(toFsName(file), { encoding: 'buffer' })));
  }

  #hostPath(path: TreePath): string | Buffer {
    const { root } = this.#options;
    return path === '' ? root || '/' : toFsName(`${root}/${path}`);
  }
}

/** The sorted names of a directory. `node:fs` damages names that are not UTF-8, so then they are read again as bytes. */
function namesIn(directory: string): string[] {
  const names = readdirSync(toFsName(directory));
  if (!names.some((name) => name.includes('\ufffd'))) return names.sort();
  const exact = readdirSync(bytesOfText(directory), { encoding: 'buffer' });
  return exact.map(textOfBytes).sort();
}

function someOf(xattrs: Xattrs | undefined): Xattrs | undefined {
  return xattrs === undefined || Object.keys(xattrs).length === 0 ? undefined : xattrs;
}
