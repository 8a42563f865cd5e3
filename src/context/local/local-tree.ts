import { closeSync, constants, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import type { FileEntry, FileLocation, FileTree, FileType, TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { descriptorPath, ExactFiles, openDirectory } from '../../host/index.ts';
import { type Digest, digestOf } from '../../oci/index.ts';
import { bytesOfText, fsName, textOfBytes } from '../../tar/index.ts';
import type { MatchState, PathMatcher } from '../patterns/path-matcher.ts';
import { hashFile } from './hash-file.ts';
import type { StatCache } from './stat-cache.ts';
import type { FileStamp, Xattrs } from './stat-table.ts';

/** Extended attributes of a file without following a symlink: names to base64 values. */
export type ReadXattrs = (file: string | Buffer) => Xattrs;

export interface LocalTreeOptions {
  /** Absolute, resolved, without a trailing slash (`''` for `/`). */
  readonly root: string;
  readonly matcher: PathMatcher | undefined;
  readonly cache: StatCache;
  /** Not in the tree, whatever lies there; `found` is called when it would have been. */
  readonly leftOut: { readonly path: TreePath; readonly found: () => void } | undefined;
  readonly readXattrs: ReadXattrs | undefined;
}

interface Node {
  readonly entry: FileEntry;
  /** Of a file whose digest is not known yet. */
  readonly stamp: FileStamp | undefined;
  /** Of a directory, when there are ignore rules. */
  readonly state: MatchState | undefined;
  children: readonly FileEntry[] | undefined;
  digest: Digest | undefined;
}

const NOTHING = digestOf('');
const MAY_BE_GONE = { throwIfNoEntry: false } as const;

/**
 * A directory of the host as a tree. A directory is listed when something in it is asked for and never again, so one build sees
 * one state. Only names that a listing gave are ever opened, and symlinks are never followed, neither one that is there nor one that somebody
 * puts in the place of a directory meanwhile: no path can lead out of the root.
 * Everything belongs to 0:0, and an ignored directory is there only if something in it is not ignored, as with BuildKit.
 */
export class LocalTree implements FileTree {
  readonly #options: LocalTreeOptions;
  readonly #nodes = new Map<TreePath, Node>();
  readonly #files = new ExactFiles();

  constructor(options: LocalTreeOptions) {
    this.#options = options;
    const stats = lstatSync(options.root === '' ? '/' : options.root);
    this.#nodes.set('', {
      entry: entryOf('', 'directory', stats, undefined, undefined),
      stamp: undefined,
      state: options.matcher?.start,
      children: undefined,
      digest: undefined,
    });
  }

  stat(path: TreePath): FileEntry | undefined {
    return this.#node(path)?.entry;
  }

  list(path: TreePath): readonly FileEntry[] {
    const node = this.#node(path);
    return node === undefined || node.entry.type !== 'directory' ? [] : this.#children(node);
  }

  locate(path: TreePath): FileLocation {
    const { size } = this.#file(path).entry;
    if (size === 0) return { kind: 'bytes', bytes: new Uint8Array() };
    return { kind: 'host', file: `${this.#options.root}/${path}`, offset: 0, size, isExact: true };
  }

  digest(path: TreePath): Digest | Promise<Digest> {
    const node = this.#file(path);
    return node.entry.size === 0 ? NOTHING : (node.digest ?? this.#hash(node));
  }

  /** Lets go of what was held open to read from; all can still be asked. */
  rest(): void {
    this.#files.close();
  }

  #hash(node: Node): Digest | Promise<Digest> {
    const { path, size } = node.entry;
    const hashed = reading(path, () => hashFile(this.#files.open(`${this.#options.root}/${path}`), size));
    const keep = ({ digest, after }: Awaited<typeof hashed>): Digest => {
      if (isSame(node.stamp!, after)) this.#options.cache.remember(path, node.stamp!, { digest });
      node.digest = digest;
      return digest;
    };
    return hashed instanceof Promise ? hashed.then(keep) : keep(hashed);
  }

  #file(path: TreePath): Node {
    const node = this.#node(path);
    if (node?.entry.type !== 'file')
      throw new MkimageError('not-found', `open \`${path}\`: no such file in the context`);
    return node;
  }

  #node(path: TreePath): Node | undefined {
    const known = this.#nodes.get(path);
    if (known !== undefined || path === '') return known;
    const parent = this.#node(path.slice(0, Math.max(path.lastIndexOf('/'), 0)));
    if (parent?.entry.type !== 'directory' || parent.children !== undefined) return undefined;
    this.#children(parent);
    return this.#nodes.get(path);
  }

  #children(directory: Node): readonly FileEntry[] {
    if (directory.children !== undefined) return directory.children;
    const { path } = directory.entry;
    const prefix = path === '' ? '' : `${path}/`;
    const children: FileEntry[] = [];
    const opened = this.#open(directory);
    if (opened !== undefined) {
      try {
        const place = `${descriptorPath(opened)}/`;
        for (const name of reading(path, () => namesIn(place))) {
          const node = this.#visit(prefix + name, place + name, directory.state);
          if (node !== undefined) children.push(node.entry);
        }
      } finally {
        closeSync(opened);
      }
    }
    directory.children = children;
    return children;
  }

  /** A directory is held open while it is listed: nobody can put a link in its place, or above it, meanwhile. */
  #open(directory: Node): number | undefined {
    const { path } = directory.entry;
    try {
      return openDirectory(this.#hostPath(path));
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || (isRefused(error) && (directory.state?.decidedBy ?? -1) >= 0)) return undefined;
      throw unreadable(path, error);
    }
  }

  /** The node of one name in a listing, or undefined if it is ignored or gone since. */
  #visit(path: TreePath, file: string, parent: MatchState | undefined): Node | undefined {
    const { matcher, leftOut } = this.#options;
    const ignored = matcher !== undefined && matcher.decide(path, parent!) >= 0;
    if (ignored && !matcher.canExceptBelow(path)) return undefined;
    if (path === leftOut?.path) {
      leftOut.found();
      return undefined;
    }
    const stats = reading(path, () => this.#stat(path, file));
    if (stats === undefined || (ignored && !stats.isDirectory())) return undefined;
    const node = this.#nodeOf(path, file, stats, parent);
    if (ignored && this.#children(node).length === 0) return undefined;
    this.#nodes.set(path, node);
    return node;
  }

  /**
   * A file that an earlier build has read is known by its inode whichever way it is reached, and its whole path is the faster
   * way. All else is looked at through the directory that is held open.
   */
  #stat(path: TreePath, file: string): Stats | undefined {
    const { cache } = this.#options;
    if (!cache.isEmpty) {
      const stats = lstatSync(this.#hostPath(path), MAY_BE_GONE);
      if (stats !== undefined && cache.knows(path, stats)) return stats;
    }
    return lstatSync(fsName(file), MAY_BE_GONE);
  }

  #nodeOf(path: TreePath, file: string, stats: Stats, parent: MatchState | undefined): Node {
    const type = typeOf(stats);
    const linkname = type === 'symlink' ? this.#readlink(path, file) : undefined;
    const state = type === 'directory' ? this.#options.matcher?.enter(path, parent!) : undefined;
    const entry = entryOf(path, type, stats, linkname, this.#xattrs(path, file, stats));
    const digest = entry.size > 0 ? this.#options.cache.digest(path, stats) : undefined;
    const stamp = entry.size > 0 && digest === undefined ? stampOf(stats) : undefined;
    return { entry, stamp, state, children: undefined, digest };
  }

  #readlink(path: TreePath, file: string): string {
    return reading(path, () => textOfBytes(readlinkSync(fsName(file), { encoding: 'buffer' })));
  }

  #xattrs(path: TreePath, file: string, stats: Stats): Xattrs | undefined {
    const { readXattrs, cache } = this.#options;
    if (readXattrs === undefined) return undefined;
    let xattrs = cache.xattrs(path, stats);
    if (xattrs === undefined) {
      xattrs = reading(path, () => readXattrs(fsName(file)));
      cache.remember(path, stampOf(stats), { xattrs });
    }
    return Object.keys(xattrs).length === 0 ? undefined : xattrs;
  }

  #hostPath(path: TreePath): string | Buffer {
    const { root } = this.#options;
    return path === '' ? root || '/' : fsName(`${root}/${path}`);
  }
}

/** The names in a directory, sorted. Names that are not UTF-8 come damaged from `node:fs`, so then it is read again as bytes. */
function namesIn(directory: string): string[] {
  const names = readdirSync(fsName(directory));
  if (!names.some((name) => name.includes('\ufffd'))) return names.sort();
  const exact = readdirSync(bytesOfText(directory), { encoding: 'buffer' });
  return exact.map(textOfBytes).sort();
}

function entryOf(
  path: TreePath,
  type: FileType,
  stats: Stats,
  linkname: string | undefined,
  xattrs: Xattrs | undefined,
): FileEntry {
  const entry: Writable<FileEntry> = {
    path,
    type,
    mode: stats.mode & 0o7777,
    uid: 0,
    gid: 0,
    size: type === 'file' ? stats.size : 0,
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
  if (linkname !== undefined) entry.linkname = linkname;
  if (xattrs !== undefined) entry.xattrs = xattrs;
  if (type === 'file' && stats.nlink > 1) entry.inode = `${stats.dev}:${stats.ino}`;
  if (type === 'char' || type === 'block') entry.device = deviceOf(stats.rdev);
  return entry;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** By the bits of S_IFMT. A socket counts as an empty file: that is what a context sent to BuildKit makes of it. */
function typeOf(stats: Stats): FileType {
  switch (stats.mode & constants.S_IFMT) {
    case constants.S_IFDIR:
      return 'directory';
    case constants.S_IFLNK:
      return 'symlink';
    case constants.S_IFIFO:
      return 'fifo';
    case constants.S_IFCHR:
      return 'char';
    case constants.S_IFBLK:
      return 'block';
    default:
      return 'file';
  }
}

/** Linux's encoding of a device number in 32 bits. */
function deviceOf(rdev: number): { major: number; minor: number } {
  return { major: (rdev >>> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >>> 12) & 0xfff00) };
}

/** What is worth keeping of `Stats`, which are large: a context can have many files. */
function stampOf({ dev, ino, size, mtimeMs, ctimeMs, mode }: Stats): FileStamp {
  return { dev, ino, size, mtimeMs, ctimeMs, mode };
}

function isSame(before: FileStamp, after: Stats): boolean {
  return (
    before.ino === after.ino &&
    before.size === after.size &&
    before.mtimeMs === after.mtimeMs &&
    before.ctimeMs === after.ctimeMs
  );
}

function reading<T>(path: TreePath, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: TreePath, error: unknown): MkimageError {
  const why = isGone(error) ? 'it is gone' : isRefused(error) ? 'permission denied' : (error as Error).message;
  return new MkimageError(isGone(error) ? 'not-found' : 'source-missing', `read \`${path}\` of the context: ${why}`, {
    cause: error,
    hint: isRefused(error) ? 'let it be read, or name it in .dockerignore' : 'do not change the context during a build',
  });
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

function isRefused(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
