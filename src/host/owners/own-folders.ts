/**
 * What is read from the store is believed, and what is in the way there is removed: so nobody but its owner (and root) may have
 * put anything into it. Looked at whenever the store is opened, for a stat of each of its folders.
 */
import { chmodSync, lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { protectedRealPath } from '../files/real-path.ts';
import { isRoot, thisUser } from './this-process.ts';

/** Names that versions of this program gave to folders below the root; anything else there is none of ours. */
const OURS = /^(?:images|locks|logs|tmp|[a-z]+(?:-[a-z]+)*-v\d+)$/;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Refuses a root that another user owns or may write to, and folders in it that are links or another's. Folders that others
 * could read (they hold the values of build arguments) are closed to them. A root that is not there is left to be made.
 * Throws `store`.
 */
export function ownFolders(root: string): void {
  const real = protectedRealPath(root);
  if (isRoot()) checkWay(root, real);
  const stats = lstatSync(real, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) throw notOurs(root, 'it is no directory', 'set MKIMAGE_ROOT to a folder of your own');
  checkOwner(root, stats);
  const names = readdirSync(real);
  checkWritable(root, stats, names.length === 0);
  for (const name of names) if (OURS.test(name)) ownFolder(join(root, name));
}

function ownFolder(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isSymbolicLink()) throw notOurs(path, 'it is a symbolic link', `remove it: \`rm ${path}\``);
  if (!stats.isDirectory()) throw notOurs(path, 'it is no directory', `remove it: \`rm ${path}\``);
  checkOwner(path, stats);
  if ((stats.mode & OTHERS) === 0) return;
  checkWritable(path, stats, (stats.mode & OTHERS_WRITE) !== 0 && readdirSync(path).length === 0);
  if (isMine(stats)) chmodSync(path, stats.mode & 0o700);
}

/** Whoever owns a folder on the way to it can put another store in its place, even while root is at work in it. */
function checkWay(root: string, real: string): void {
  for (let folder = dirname(real); folder !== '/'; folder = dirname(folder)) {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    if (stats === undefined || stats.uid === 0 || isUnmapped(stats)) continue;
    throw notOurs(
      root,
      `\`${folder}\` on the way to it belongs to another user (uid ${stats.uid})`,
      'set MKIMAGE_ROOT to a folder that root alone can replace',
    );
  }
}

/** In a user namespace everybody outside it, the real root too, is the one user nobody. */
function isUnmapped({ uid }: Stats): boolean {
  return uid === 65534 && !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'));
}

function checkOwner(path: string, stats: Stats): void {
  if (isMine(stats) || stats.uid === 0) return;
  throw notOurs(
    path,
    `it belongs to another user (uid ${stats.uid})`,
    'set MKIMAGE_ROOT to a folder of your own, or give this one to the user who builds (`chown -R`) if you trust what is in it',
  );
}

/** An empty folder that others may write to is closed; one that holds something may hold something of theirs. */
function checkWritable(path: string, { mode, ...stats }: Stats, isEmpty: boolean): void {
  if ((mode & OTHERS_WRITE) === 0) return;
  if (isEmpty && (mode & STICKY) === 0 && isMine(stats)) {
    chmodSync(path, 0o700);
    return;
  }
  throw notOurs(
    path,
    'other users may write to it',
    `set MKIMAGE_ROOT to a folder of your own, or close it (\`chmod go-w ${path}\`) if you trust what is in it`,
  );
}

function isMine({ uid }: Pick<Stats, 'uid'>): boolean {
  return uid === thisUser().uid;
}

function notOurs(path: string, why: string, hint: string): MkimageError {
  return new MkimageError('store', `use store \`${path}\`: ${why}`, { hint });
}
