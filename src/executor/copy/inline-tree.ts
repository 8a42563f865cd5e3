import type { FileEntry, FileTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { digestOf } from '../../oci/index.ts';

/** A root with one file of mode 0644 owned by 0:0: the body of a heredoc. */
export function fileTree(name: string, bytes: Uint8Array, mtime: number): FileTree {
  const root: FileEntry = { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime };
  const file: FileEntry = { path: name, type: 'file', mode: 0o644, uid: 0, gid: 0, size: bytes.length, mtime };
  const only = (path: string): void => {
    if (path !== name) throw new MkimageError('not-found', `open \`${path}\`: not found`);
  };
  return {
    stat: (path) => (path === '' ? root : path === name ? file : undefined),
    list: (path) => (path === '' ? [file] : []),
    locate: (path) => {
      only(path);
      return { kind: 'bytes', bytes };
    },
    digest: (path) => {
      only(path);
      return digestOf(bytes);
    },
  };
}
