/**
 * mkimage trusts what it reads from the store, and removes what is in its way there. So only the owner of the store (and root) may
 * write to it. This is checked whenever the store is opened, with one stat for each folder.
 */
import { chmodSync, lstatSync, readdirSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { resolveRealPath } from '../files/real-path.ts';
import { isInUserNamespace } from '../namespaces/id-maps.ts';
import { isRoot, thisUser } from './this-process.ts';

/** Names of folders that this or an earlier version of mkimage creates below the root. Other names are ignored. */
const OURS = /^(?:images|locks|logs|tmp|[a-z]+(?:-[a-z]+)*-v\d+)$/;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Refuses a root that another user owns or may write to, and folders in it that are symlinks or belong to another user. Removes other
 * users' permission to read the folders, because they contain the values of build arguments. Does nothing if the root does not exist.
 * Throws `store`.
 */
export function secureFolders(root: string): void {
  const real = resolveRealPath(root);
  if (isRoot()) checkParents(root, real);
  const stats = lstatSync(real, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory())
    throw createStoreError(root, 'it is not a directory', 'set MKIMAGE_ROOT to a folder of your own');
  checkOwner(root, stats);
  const names = readdirSync(real);
  checkWritable(root, stats, names.length === 0);
  for (const name of names) if (OURS.test(name)) secureFolder(join(root, name));
}

function secureFolder(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) throw createStoreError(path, 'it is a symbolic link', `remove it: \`rm ${path}\``);
  if (!stats.isDirectory()) throw createStoreError(path, 'it is not a directory', `remove it: \`rm ${path}\``);
  checkOwner(path, stats);
  if ((stats.mode & OTHERS) === 0) return;
  checkWritable(path, stats, (stats.mode & OTHERS_WRITE) !== 0 && readdirSync(path).length === 0);
  if (isMine(stats)) chmodSync(path, stats.mode & 0o700);
}

/** The owner of a parent folder can replace the store, even while root uses it. */
function checkParents(root: string, real: string): void {
  for (let folder = dirname(real); folder !== '/'; folder = dirname(folder)) {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    if (stats === undefined || stats.uid === 0 || isUnmapped(stats)) continue;
    throw createStoreError(
      root,
      `its parent folder \`${folder}\` belongs to another user (uid ${stats.uid})`,
      'set MKIMAGE_ROOT to a folder that only root can replace',
    );
  }
}

/** In a user namespace, all users outside of it, including the real root, appear as the user nobody. */
function isUnmapped({ uid }: Stats): boolean {
  return uid === 65534 && isInUserNamespace();
}

function checkOwner(path: string, stats: Stats): void {
  if (isMine(stats) || stats.uid === 0) return;
  throw createStoreError(
    path,
    `it belongs to another user (uid ${stats.uid})`,
    'set MKIMAGE_ROOT to a folder of your own, or give this one to the user who builds (`chown -R`) if you trust its content',
  );
}

/** Other users lose access to an empty folder. A folder with content is refused, because the content may come from them. */
function checkWritable(path: string, { mode, ...stats }: Stats, isEmpty: boolean): void {
  if ((mode & OTHERS_WRITE) === 0) return;
  if (isEmpty && (mode & STICKY) === 0 && isMine(stats)) {
    chmodSync(path, 0o700);
    return;
  }
  throw createStoreError(
    path,
    'other users may write to it',
    `set MKIMAGE_ROOT to a folder of your own, or close it (\`chmod go-w ${path}\`) if you trust its content`,
  );
}

function isMine({ uid }: Pick<Stats, 'uid'>): boolean {
  return uid === thisUser().uid;
}

function createStoreError(path: string, why: string, hint: string): MkimageError {
  return new MkimageError('store', `use store \`${path}\`: ${why}`, { hint });
}
