import {
  comparePaths,
  type FileEntry,
  type FileLocation,
  type FileTree,
  nameOf,
  parentOf,
  type TreePath,
} from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { type Digest, digestOf } from '../oci/index.ts';

/** The bytes of a file: their location and digest. */
export interface EntryContent {
  readonly location: FileLocation;
  readonly digest: () => Digest;
}

/** A tree of entries in memory, without their bytes. Later entries replace earlier ones with the same path. */
export class EntryTree implements FileTree {
  readonly #entries = new Map<TreePath, FileEntry>();
  readonly #contents = new Map<TreePath, EntryContent>();
  readonly #digests = new Map<TreePath, Digest>();
  readonly #children = new Map<TreePath, Map<string, TreePath>>();

  constructor(root: FileEntry) {
    this.#entries.set('', root);
  }

  /** Adds an entry below an existing directory. It replaces an existing entry and, unless both are directories, all below it. */
  put(entry: FileEntry, content: EntryContent | undefined): void {
    const { path } = entry;
    if (this.#entries.get(parentOf(path))?.type !== 'directory') throw notFound(parentOf(path));
    if (path !== '' && !(entry.type === 'directory' && this.#entries.get(path)?.type === 'directory'))
      this.#remove(path);
    this.#entries.set(path, entry);
    if (content !== undefined) this.#contents.set(path, content);
    if (path !== '') this.#childrenOf(parentOf(path)).set(nameOf(path), path);
  }

  content(path: TreePath): EntryContent | undefined {
    return this.#contents.get(path);
  }

  paths(): Iterable<TreePath> {
    return this.#entries.keys();
  }

  stat(path: TreePath): FileEntry | undefined {
    return this.#entries.get(path);
  }

  list(path: TreePath): readonly FileEntry[] {
    const children = [...(this.#children.get(path)?.values() ?? [])].sort(comparePaths);
    return children.map((child) => this.#entries.get(child)!);
  }

  locate(path: TreePath): FileLocation {
    return this.#file(path).location;
  }

  digest(path: TreePath): Digest {
    const known = this.#digests.get(path);
    const digest = known ?? this.#file(path).digest();
    if (known === undefined) this.#digests.set(path, digest);
    return digest;
  }

  #file(path: TreePath): EntryContent {
    const content = this.#contents.get(path);
    if (content === undefined) throw notFound(path);
    return content;
  }

  #childrenOf(path: TreePath): Map<string, TreePath> {
    const children = this.#children.get(path) ?? new Map<string, TreePath>();
    this.#children.set(path, children);
    return children;
  }

  #remove(path: TreePath): void {
    const below = [path];
    for (let at = below.pop(); at !== undefined; at = below.pop()) {
      below.push(...(this.#children.get(at)?.values() ?? []));
      this.#children.delete(at);
      this.#entries.delete(at);
      this.#contents.delete(at);
      this.#digests.delete(at);
    }
  }
}

/** The content of a file in memory. */
export function contentOfBytes(bytes: Uint8Array): EntryContent {
  return { location: { kind: 'bytes', bytes }, digest: () => digestOf(bytes) };
}

function notFound(path: TreePath): MkimageError {
  return new MkimageError('not-found', `open \`${path}\`: not found in the context`);
}
