import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { FileTree } from '../../content/index.ts';
import { MkimageError, readOrUndefined } from '../../errors.ts';
import { descriptorPath } from '../../host/index.ts';
import { digestOf } from '../../oci/index.ts';
import { lookupUser } from '../../process/index.ts';
import { toFsName } from '../../tar/index.ts';
import type { ContainerRecord } from '../record.ts';
import type { RootView } from './root-view.ts';

const O_PATH = 0o10000000;
const MOST_BYTES = 2 ** 20;

/** The user of a container, whose name is looked up in its files; undefined if it has none. */
export async function readOwner(
  view: RootView,
  { config }: ContainerRecord,
): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (config.User === undefined || config.User === '') return undefined;
  return lookupUser(smallFiles(view), config.User);
}

/** As much of a tree as the search for a user needs. */
function smallFiles(view: RootView): FileTree {
  const read = (path: string): Buffer | undefined =>
    readOrUndefined(() => {
      using place = view.find(path, { follow: true });
      const bytes = place.stats?.isFile() === true ? readSmall(place.file) : undefined;
      return bytes;
    }, 'not-found');
  return {
    stat: (path) => {
      const bytes = read(path);
      return bytes && { path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: bytes.length, mtime: 0 };
    },
    list: () => [],
    locate: (path) => ({ kind: 'bytes', bytes: read(path) ?? Buffer.alloc(0) }),
    digest: (path) => digestOf(path),
  };
}

function readSmall(file: string): Buffer {
  const object = openSync(toFsName(file), O_PATH | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(object);
    if (stats.isFile() && stats.size <= MOST_BYTES) return readFileSync(descriptorPath(object));
    throw new MkimageError('limit', 'read users of the container: the file is no small file');
  } finally {
    closeSync(object);
  }
}
