import type { Digest } from '../oci/index.ts';

/**
 * A path inside a root: components joined by `/`, no leading or trailing `/`, no `.` or `..`; the root itself is `''`.
 * File names are bytes. They are decoded as UTF-8; a byte that is not valid UTF-8 becomes a lone surrogate U+DC80…U+DCFF
 * (`src/tar/path-text.ts` converts in both directions). A name in valid UTF-8 is an ordinary string.
 */
export type TreePath = string;

export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'char' | 'block';

/** One file system object, with the attributes that a layer can store. */
export interface FileEntry {
  readonly path: TreePath;
  readonly type: FileType;
  /** Permission bits with setuid, setgid and sticky: `mode & 0o7777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for everything but a file. */
  readonly size: number;
  /** Whole seconds since 1970 (layers store no fractions). */
  readonly mtime: number;
  /** Target of a symlink, unchanged. */
  readonly linkname?: string;
  /** Files with the same value are one inode (hard links). Absent when the link count is one. */
  readonly inode?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Name to value, values base64. Overlay's own attributes never appear. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** The crc32 of a file's bytes when they were written into a layer, and that layer, which is damaged if the crc32 differs. */
export interface ContentProof {
  readonly crc: number;
  readonly diffId: Digest;
}

/**
 * Where the bytes of one file are stored on this machine, so that they can be read without an extra copy. `file` is a host path
 * as path text (see `TreePath`): convert it to bytes before opening it.
 */
export type FileLocation =
  | {
      readonly kind: 'host';
      readonly file: string;
      readonly offset: number;
      readonly size: number;
      /** `file` is a real path in folders that other users may change: open it without following any symlink. */
      readonly isExact?: boolean;
      /** The checksum to compare after all bytes are read; absent if not known. */
      readonly proof?: ContentProof;
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** A file of a tree that is located only when its bytes are read, so a plan of many files stores no location for each. */
export interface FileInTree {
  readonly kind: 'in-tree';
  readonly tree: Pick<FileTree, 'locate'>;
  readonly path: TreePath;
}

/** Returns the location of a content; looks it up if it is a `FileInTree`. May decompress a layer first. Throws `not-found`. */
export function locateContent(content: FileLocation | FileInTree): FileLocation | Promise<FileLocation> {
  return content.kind === 'in-tree' ? content.tree.locate(content.path) : content;
}

/**
 * A read-only listing of one root: a build context, or the merged view of a chain of layers. No method follows a symlink; use
 * `resolveInTree` (src/content/resolve.ts) to follow symlinks inside the root.
 */
export interface FileTree {
  stat(path: TreePath): FileEntry | undefined;
  /** The children of a directory, sorted by name; empty for anything else. */
  list(path: TreePath): readonly FileEntry[];
  /** Where a file's bytes are. May decompress a layer first. Throws `not-found`. */
  locate(path: TreePath): FileLocation | Promise<FileLocation>;
  /** The sha256 of a file's bytes, cached if possible. Throws `not-found`. */
  digest(path: TreePath): Digest | Promise<Digest>;
}
