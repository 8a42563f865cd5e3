/** The root filesystems of several platforms as one tree. */
import { type FileEntry, type FileTree, joinPath, type TreePath, walkTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';

/** The root filesystem of one platform. */
export interface PlatformTree {
  /** `linux_amd64`. */
  readonly folder: string;
  readonly tree: FileTree;
}

interface Place {
  readonly tree: FileTree;
  readonly path: TreePath;
  readonly entry: (entry: FileEntry) => FileEntry;
}

/** One folder for each platform. `time`: of the folders, in seconds. */
export function createSplitTree(parts: readonly PlatformTree[], time: number): FileTree {
  const byFolder = new Map(parts.map((part) => [part.folder, part]));
  const folderEntry = (path: TreePath): FileEntry => ({
    path,
    type: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: time,
  });
  const find = (path: TreePath): Place | undefined => {
    const slash = path.indexOf('/');
    const part = byFolder.get(slash === -1 ? path : path.slice(0, slash));
    if (part === undefined) return undefined;
    const entry = (found: FileEntry) => moveEntry(found, part.folder, joinPath(part.folder, found.path));
    return { tree: part.tree, path: slash === -1 ? '' : path.slice(slash + 1), entry };
  };
  const folders = [...byFolder.keys()].sort().map(folderEntry);
  return {
    stat: (path) => {
      if (path === '' || byFolder.has(path)) return folderEntry(path);
      const place = find(path);
      const found = place?.tree.stat(place.path);
      return place && found && place.entry(found);
    },
    list: (path) => {
      if (path === '') return folders;
      const place = find(path);
      return place === undefined ? [] : place.tree.list(place.path).map(place.entry);
    },
    locate: (path) => placeOf(find(path), path).tree.locate(find(path)!.path),
    digest: (path) => placeOf(find(path), path).tree.digest(find(path)!.path),
  };
}

/** Everything in one folder. Throws `usage` if two platforms have the same file. */
export function createMergedTree(parts: readonly PlatformTree[]): FileTree {
  requireDistinct(parts);
  const find = (path: TreePath) => parts.find(({ tree }) => tree.stat(path) !== undefined);
  const entryOf = ({ folder, tree }: PlatformTree, path: TreePath): FileEntry | undefined => {
    const entry = tree.stat(path);
    return entry && moveEntry(entry, folder, entry.path);
  };
  return {
    stat: (path) => {
      const part = find(path);
      return part && entryOf(part, path);
    },
    list: (path) => {
      const paths = new Set(parts.flatMap(({ tree }) => tree.list(path).map((entry) => entry.path)));
      return [...paths].sort().map((each) => entryOf(find(each)!, each)!);
    },
    locate: (path) => placeOf(find(path), path).tree.locate(path),
    digest: (path) => placeOf(find(path), path).tree.digest(path),
  };
}

function requireDistinct(parts: readonly PlatformTree[]): void {
  const owners = new Map<TreePath, { readonly folder: string; readonly isDirectory: boolean }>();
  for (const { folder, tree } of parts) {
    for (const { path, type } of walkTree(tree)) {
      const isDirectory = type === 'directory';
      const other = owners.get(path);
      if (other !== undefined && !(isDirectory && other.isDirectory)) throw conflict(path, other.folder, folder);
      owners.set(path, { folder, isDirectory });
    }
  }
}

function conflict(path: TreePath, first: string, second: string): MkimageError {
  return new MkimageError('usage', `write outputs: \`/${path}\` is in the images for ${first} and ${second}`, {
    hint: 'omit `platform-split=false`, so that each platform gets its own folder',
  });
}

/** Inodes of different platforms are different inodes. */
function moveEntry(entry: FileEntry, folder: string, path: TreePath): FileEntry {
  return { ...entry, path, ...(entry.inode === undefined ? {} : { inode: `${folder} ${entry.inode}` }) };
}

function placeOf<T>(place: T | undefined, path: TreePath): T {
  if (place !== undefined) return place;
  throw new MkimageError('not-found', `read \`${path}\`: not found in the image`);
}
