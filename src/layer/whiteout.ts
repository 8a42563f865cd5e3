/** Whiteouts: files that stand for deletions in a layer (image-spec layer.md, "Whiteouts"). */
import { joinPath, nameOf, parentOf, type TreePath } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import type { TarHeader } from '../tar/index.ts';

const PREFIX = '.wh.';
const META_PREFIX = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';

export type Whiteout =
  /** Deletes the path and everything below it in lower layers. */
  | { readonly kind: 'delete'; readonly path: TreePath }
  /** Hides the content of this directory in lower layers. */
  | { readonly kind: 'opaque'; readonly path: TreePath }
  /** Internal files of AUFS, which are ignored. */
  | { readonly kind: 'ignore' };

/** Parses a path of a layer's tar as a whiteout; undefined if it is an ordinary object. Throws `invalid-archive`. */
export function whiteoutAt(path: TreePath): Whiteout | undefined {
  if (!path.includes(PREFIX)) return undefined;
  const name = nameOf(path);
  if (name === OPAQUE) return { kind: 'opaque', path: parentOf(path) };
  const marks = path.split('/').filter((part) => part.startsWith(PREFIX));
  if (marks.length === 0) return undefined;
  if (marks.some((part) => part.startsWith(META_PREFIX))) return { kind: 'ignore' };
  const hidden = name.slice(PREFIX.length);
  if (marks.length === 1 && marks[0] === name && hidden !== '' && hidden !== '.' && hidden !== '..') {
    return { kind: 'delete', path: joinPath(parentOf(path), hidden) };
  }
  throw new MkimageError('invalid-archive', `read layer: \`${path}\` is not a valid whiteout`);
}

/** Parses a character device 0:0 as a whiteout, which is the form that overlayfs uses. */
export function deviceWhiteout(
  entry: Pick<TarHeader, 'type' | 'device'>,
  path: TreePath,
): Extract<Whiteout, { kind: 'delete' }> | undefined {
  const hides = entry.type === 'char' && entry.device?.major === 0 && entry.device.minor === 0;
  return hides ? { kind: 'delete', path } : undefined;
}

/** Returns the path of the whiteout file that deletes a path. */
export function whiteoutOf(path: TreePath): TreePath {
  return joinPath(parentOf(path), PREFIX + nameOf(path));
}

/** Returns the path of the file that makes a directory opaque. */
export function opaqueMarkerOf(directory: TreePath): TreePath {
  return joinPath(directory, OPAQUE);
}

/** Refuses a device 0:0 of a user, because unpacking would interpret it as a deletion. Throws `unsupported`. */
export function refuseWhiteoutDevice(entry: Pick<TarHeader, 'type' | 'device'>, path: TreePath): void {
  if (deviceWhiteout(entry, path) === undefined) return;
  throw new MkimageError('unsupported', `write layer: \`${path}\` is a device 0:0, which means a deletion in layers`);
}

/** Refuses a file of a user with the name of a whiteout, because it would delete something in the image. Throws `unsupported`. */
export function refuseReservedName(path: TreePath): void {
  if (!path.includes(PREFIX) || !path.split('/').some((name) => name.startsWith(PREFIX))) return;
  throw new MkimageError('unsupported', `write layer: \`${path}\` has a name that image layers reserve for deletions`, {
    hint: 'rename the file: names that begin with `.wh.` cannot be part of an image',
  });
}
