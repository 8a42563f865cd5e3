import type { FileEntry, FileTree } from '../../src/content/index.ts';
import { digestOf } from '../../src/oci/index.ts';

/** What a test says of one object; anything left out is an ordinary default. */
export type Sketch =
  | string
  | { readonly link: string }
  | { readonly dir: Partial<FileEntry> }
  | ({ readonly text: string | Buffer } & Partial<FileEntry>);

/**
 * A tree from a sketch: `{ 'a/b.txt': 'text', 'c': { link: 'a' }, 'd': { dir: { mode: 0o700 } } }`. Parents that are not named are
 * directories of mode 0755.
 */
export function treeOf(sketch: Readonly<Record<string, Sketch>>): FileTree {
  const entries = new Map<string, FileEntry>();
  const texts = new Map<string, Buffer>();
  const base = { uid: 0, gid: 0, size: 0, mtime: 1_000 };
  const directory = (path: string): void => {
    if (!entries.has(path)) entries.set(path, { ...base, path, type: 'directory', mode: 0o755 });
    if (path !== '') directory(parentOf(path));
  };
  directory('');
  for (const [path, what] of Object.entries(sketch)) {
    directory(parentOf(path));
    if (typeof what === 'object' && 'link' in what) {
      entries.set(path, { ...base, path, type: 'symlink', mode: 0o777, linkname: what.link });
    } else if (typeof what === 'object' && 'dir' in what) {
      entries.set(path, { ...base, mode: 0o755, ...what.dir, path, type: 'directory' });
    } else {
      const { text, ...more } = typeof what === 'string' ? { text: what } : what;
      texts.set(path, Buffer.from(text));
      entries.set(path, { ...base, mode: 0o644, ...more, path, type: 'file', size: Buffer.byteLength(text) });
    }
  }
  const bytesOf = (path: string) => texts.get(path) ?? Buffer.alloc(0);
  return {
    stat: (path) => entries.get(path),
    list: (path) =>
      [...entries.values()].filter((entry) => entry.path !== '' && parentOf(entry.path) === path).sort(byPath),
    locate: (path) => ({ kind: 'bytes', bytes: bytesOf(path) }),
    digest: (path) => digestOf(bytesOf(path)),
  };
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function byPath(a: FileEntry, b: FileEntry): number {
  return a.path < b.path ? -1 : 1;
}
