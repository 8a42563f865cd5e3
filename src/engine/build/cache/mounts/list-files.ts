/** Lists the files of a cache mount. Steps of other builds may change it meanwhile, so nothing is reached by a path with links. */
import { closeSync, lstatSync } from 'node:fs';
import { comparePaths, type FileEntry, hashFile, joinPath, type TreePath } from '../../../../content/index.ts';
import { MkimageError, throwIfCancelled } from '../../../../errors.ts';
import { descriptorPath, listHostNames, openDirectory, readHostEntry } from '../../../../host/index.ts';
import { digestOf } from '../../../../oci/index.ts';
import type { Call } from '../../../../progress.ts';
import { toFsName } from '../../../../tar/index.ts';
import type { MountListing } from './mount-listing.ts';

export interface ListedFiles {
  /** Sorted, parents first. */
  readonly entries: readonly FileEntry[];
  readonly listing: MountListing;
  /** Of the contents. */
  readonly bytes: number;
}

const MOST_FILES = 500_000;
/** Names that mean something else in layers. */
const WHITEOUT = '.wh.';

/** Leaves out devices, pipes and sockets. `root` is a real path. Throws `limit` for too many bytes or files, as soon as it is known. */
export async function listFiles(
  root: string,
  { mostBytes }: { readonly mostBytes: number },
  call: Call,
): Promise<ListedFiles> {
  const found: { readonly entry: FileEntry; readonly mark: string }[] = [];
  const waiting: TreePath[] = [''];
  let bytes = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    throwIfCancelled(call.signal);
    for await (const each of listFolder(root, folder, call)) {
      found.push(each);
      bytes += each.entry.size;
      if (each.entry.type === 'directory') waiting.push(each.entry.path);
      if (bytes > mostBytes) throw new MkimageError('limit', `it has more than ${mostBytes} bytes`);
      if (found.length > MOST_FILES) throw new MkimageError('limit', `it has more than ${MOST_FILES} files`);
    }
  }
  found.sort((one, other) => comparePaths(one.entry.path, other.entry.path));
  const listing = new Map(found.map(({ entry, mark }) => [entry.path, mark]));
  return { entries: found.map(({ entry }) => entry), listing, bytes };
}

async function* listFolder(root: string, folder: TreePath, call: Call) {
  const descriptor = openDirectory(toFsName(folder === '' ? root : `${root}/${folder}`));
  try {
    for (const name of listHostNames(descriptorPath(descriptor))) {
      const file = `${descriptorPath(descriptor)}/${name}`;
      const stats = lstatSync(toFsName(file), { bigint: true, throwIfNoEntry: false });
      if (stats === undefined || name.startsWith(WHITEOUT)) continue;
      const entry = readHostEntry(file, joinPath(folder, name), stats);
      const mark = entry && (await markOf(file, entry, call));
      if (entry !== undefined && mark !== undefined) yield { entry, mark };
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Returns undefined for objects that do not travel. */
async function markOf(file: string, entry: FileEntry, { signal }: Call): Promise<string | undefined> {
  const content = await contentOf(file, entry, signal);
  return content === undefined ? undefined : [entry.type, entry.mode, entry.uid, entry.gid, content].join(' ');
}

async function contentOf(
  file: string,
  { type, linkname }: FileEntry,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (type) {
    case 'directory':
      return '';
    case 'symlink':
      return digestOf(linkname ?? '');
    case 'file':
      return hashFile(toFsName(file), signal);
    default:
      return undefined;
  }
}
