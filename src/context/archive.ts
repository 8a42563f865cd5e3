/**
 * A tar as a context. Its bytes are stored in one file and read from there. Nothing is extracted, so no path can lead out of a
 * directory. As in Docker, no ignore file applies to such a context.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { cleanPath, type FileEntry, ImpliedPaths, parentOf, readChunks } from '../content/index.ts';
import { MkimageError, throwIfCancelled } from '../errors.ts';
import { createLimitError, getLimits } from '../limits.ts';
import type { Digest } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { type TarEntry, TarReader } from '../tar/index.ts';
import { contentOfBytes, type EntryContent, EntryTree } from './entry-tree.ts';
import type { BuildContext } from './index.ts';
import { nearestPaths } from './patterns/nearest-paths.ts';

export interface ArchiveContextOptions {
  /** The name in messages. */
  readonly name: string;
  /** The bytes of the tar, already decompressed. */
  readonly tar: AsyncIterable<Uint8Array>;
  /** An existing folder for a temporary folder. */
  readonly directory: string;
  /** Most bytes; default: MKIMAGE_LIMIT_CONTEXT_BYTES. */
  readonly limit?: number;
}

/** Reads the whole archive. Throws `invalid-archive`, `limit`, `cancelled`; it leaves no files after an error. */
export async function openArchiveContext(options: ArchiveContextOptions, call: Call): Promise<BuildContext> {
  const folder = mkdtempSync(join(options.directory, 'context-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const spool = join(folder, 'context.tar');
    const tree = new ArchiveTree(spool);
    await readInto(tree, { ...options, spool }, call);
    return {
      name: options.name,
      time: tree.newest,
      scan: async () => tree.tree,
      ignoredBy: () => undefined,
      similar: (path) => nearestPaths(tree.tree.paths(), path),
      save: () => {},
      [Symbol.asyncDispose]: async () => remove(),
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function readInto(
  tree: ArchiveTree,
  { spool, ...options }: ArchiveContextOptions & { readonly spool: string },
  call: Call,
): Promise<void> {
  const { tar, limit = getLimits().CONTEXT_BYTES } = options;
  const reader = new TarReader({ entry: (entry) => tree.add(entry), data: () => {}, entryEnd: () => {} });
  const descriptor = openSync(spool, 'wx', 0o600);
  try {
    for await (const chunk of tar) {
      throwIfCancelled(call.signal);
      if (reader.offset + chunk.length > limit) throw tooLong(options.name, limit);
      reader.push(chunk);
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
    }
    reader.end();
  } finally {
    closeSync(descriptor);
  }
}

function tooLong(name: string, limit: number): MkimageError {
  return createLimitError('CONTEXT_BYTES', `read context \`${name}\`: it has more than ${limit} bytes`);
}

/** Entries of a tar as a tree. Missing parent directories are created with mode 755. */
class ArchiveTree {
  readonly tree = new EntryTree(directory('', 0o755, 0));
  readonly #spool: string;
  readonly #implied = new ImpliedPaths();
  #newest: number | undefined;

  constructor(spool: string) {
    this.#spool = spool;
  }

  /** The latest modification time of its files. */
  get newest(): number | undefined {
    return this.#newest;
  }

  add(entry: TarEntry): void {
    if (entry.type === 'file') this.#newest = Math.max(this.#newest ?? entry.mtime, entry.mtime);
    const path = this.#pathOf(entry.path);
    this.#makeWay(parentOf(path), entry);
    if (path === '') {
      if (entry.type === 'directory') this.tree.put(directory('', entry.mode, entry.mtime), undefined);
    } else if (entry.type === 'hardlink') {
      this.#link(path, entry);
    } else {
      const content = entry.type === 'file' ? contentAt(this.#spool, entry) : undefined;
      this.tree.put(entryOf(path, entry.type, entry), content);
    }
  }

  #pathOf(name: string): string {
    if (!name.split('/').includes('..')) return cleanPath(name);
    throw new MkimageError('invalid-archive', `read context: the archive has an entry outside its root, \`${name}\``);
  }

  #makeWay(parent: string, entry: TarEntry): void {
    const missing: string[] = [];
    let at = parent;
    let there = this.tree.stat(at);
    while (there === undefined) {
      this.#implied.count(at);
      missing.push(at);
      at = parentOf(at);
      there = this.tree.stat(at);
    }
    if (there.type !== 'directory') {
      const why = `\`${entry.path}\` is below \`${at}\`, which is not a directory`;
      throw new MkimageError('invalid-archive', `read context: ${why}`);
    }
    for (const path of missing.reverse()) this.tree.put(directory(path, 0o755, entry.mtime), undefined);
  }

  #link(path: string, entry: TarEntry): void {
    const target = this.#pathOf(entry.linkname ?? '');
    const first = this.tree.stat(target);
    const content = this.tree.content(target);
    if (first === undefined || content === undefined || target === path) {
      const why = `\`${entry.path}\` is a hard link to \`${entry.linkname ?? ''}\`, which is not an earlier file`;
      throw new MkimageError('invalid-archive', `read context: ${why}`);
    }
    const shared = { ...first, inode: first.inode ?? target };
    this.tree.put(shared, content);
    this.tree.put({ ...shared, path }, content);
  }
}

function entryOf(path: string, type: FileEntry['type'], entry: TarEntry): FileEntry {
  const { mode, size, mtime, linkname, device, xattrs } = entry;
  return {
    ...{ path, type, mode, size: type === 'file' ? size : 0, mtime, uid: 0, gid: 0 },
    ...(type === 'symlink' ? { linkname: linkname ?? '' } : {}),
    ...(device === undefined ? {} : { device }),
    ...(xattrs === undefined ? {} : { xattrs }),
  };
}

function directory(path: string, mode: number, mtime: number): FileEntry {
  return { path, type: 'directory', mode, uid: 0, gid: 0, size: 0, mtime };
}

function contentAt(file: string, { offset, size }: TarEntry): EntryContent {
  if (size === 0) return contentOfBytes(new Uint8Array());
  return { location: { kind: 'host', file, offset, size }, digest: () => digestOfRange(file, offset, size) };
}

function digestOfRange(file: string, offset: number, size: number): Digest {
  const descriptor = openSync(file, 'r');
  try {
    const hash = createHash('sha256');
    let read = 0;
    for (const chunk of readChunks(descriptor, { offset, size })) {
      hash.update(chunk);
      read += chunk.length;
    }
    if (read < size) throw new MkimageError('integrity', 'read context: its temporary file was truncated');
    return `sha256:${hash.digest('hex')}`;
  } finally {
    closeSync(descriptor);
  }
}
