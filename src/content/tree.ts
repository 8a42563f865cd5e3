import type { Digest } from '../oci/index.ts';

/**
 * A path inside a root: components joined by `/`, no leading or trailing `/`, no `.` or `..`; the root itself is `''`.
 * File names are bytes: they are held as UTF-8 text in which a byte that is not part of valid UTF-8 stands as a lone
 * surrogate U+DC80…U+DCFF (`src/tar/path-text.ts` has both directions). Ordinary names are ordinary strings.
 */
export type TreePath = string;

export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'char' | 'block';

/** One file system object as a layer can hold it. */
export interface FileEntry {
  readonly path: TreePath;
  readonly type: FileType;
  /** Permission bits with setuid, setgid and sticky: `mode & 0o7777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for everything but a file. */
  readonly size: number;
  /** Whole seconds since 1970 (layers keep no fractions). */
  readonly mtime: number;
  /** Target of a symlink, as it stands in the link. */
  readonly linkname?: string;
  /** Files with the same value are one inode (hard links). Absent when the link count is one. */
  readonly inode?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Name to value, values base64. Overlay's own attributes never appear. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** The crc32 of a file's bytes as they were written into a layer, and the layer, to be suspected if they differ. */
export interface ContentProof {
  readonly crc: number;
  readonly diffId: Digest;
}

/**
 * Where the bytes of one file lie on this machine, so that they can be read without a copy in between. `file` is a name of the
 * host as path text (`TreePath`): what opens it turns it into bytes first.
 */
export type FileLocation =
  | {
      readonly kind: 'host';
      readonly file: string;
      readonly offset: number;
      readonly size: number;
      /** `file` is a real path in folders that somebody else may change: a link on the way is not followed. */
      readonly isExact?: boolean;
      /** What the bytes prove to be when they were all read; absent where nobody knows. */
      readonly proof?: ContentProof;
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** A file of a tree whose place is asked for when its bytes are wanted: a plan of many files holds no place for each. */
export interface FileInTree {
  readonly kind: 'in-tree';
  readonly tree: Pick<FileTree, 'locate'>;
  readonly path: TreePath;
}

/** Where the bytes of a file or content that was named so are. May have to decompress a layer first. Throws `not-found`. */
export function locationOf(content: FileLocation | FileInTree): FileLocation | Promise<FileLocation> {
  return content.kind === 'in-tree' ? content.tree.locate(content.path) : content;
}

/**
 * A read-only listing of one root: a build context, or the merged view of a chain of layers. No method follows a symlink;
 * `resolveInTree` (src/content/resolve.ts) does, inside the root, component by component.
 */
export interface FileTree {
  stat(path: TreePath): FileEntry | undefined;
  /** The children of a directory, sorted by name; empty for anything else. */
  list(path: TreePath): readonly FileEntry[];
  /** Where a file's bytes are. May have to decompress a layer first. Throws `not-found`. */
  locate(path: TreePath): FileLocation | Promise<FileLocation>;
  /** The sha256 of a file's bytes, remembered where it can be. Throws `not-found`. */
  digest(path: TreePath): Digest | Promise<Digest>;
}
