/** Deletions as files of a layer (image-spec layer.md, "Whiteouts"). */
import { joinPath, nameOf, parentOf, type TreePath } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import type { TarHeader } from '../tar/index.ts';

const PREFIX = '.wh.';
const META_PREFIX = '.wh..wh.';
const OPAQUE = '.wh..wh..opq';

export type Whiteout =
  /** The path and all below it is gone from the layers below. */
  | { readonly kind: 'delete'; readonly path: TreePath }
  /** Nothing that the layers below have in this directory is seen. */
  | { readonly kind: 'opaque'; readonly path: TreePath }
  /** Bookkeeping of AUFS, which means nothing to anyone else. */
  | { readonly kind: 'ignore' };

/** What a path of a layer's tar says about the layers below, or undefined if it is an ordinary object. */
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
  throw new MkimageError('invalid-archive', `read layer: \`${path}\` is no whiteout of anything`);
}

/** overlayfs keeps a deletion as a character device 0:0; one in an archive means the same. */
export function deviceWhiteout(
  entry: Pick<TarHeader, 'type' | 'device'>,
  path: TreePath,
): Extract<Whiteout, { kind: 'delete' }> | undefined {
  const hides = entry.type === 'char' && entry.device?.major === 0 && entry.device.minor === 0;
  return hides ? { kind: 'delete', path } : undefined;
}

/** The file that says that a path is gone. */
export function whiteoutOf(path: TreePath): TreePath {
  return joinPath(parentOf(path), PREFIX + nameOf(path));
}

/** The file that says that a directory begins empty. */
export function opaqueMarkerOf(directory: TreePath): TreePath {
  return joinPath(directory, OPAQUE);
}

/** Who unpacks a layer takes such a device for a deletion, whoever meant what by it. */
export function refuseWhiteoutDevice(entry: Pick<TarHeader, 'type' | 'device'>, path: TreePath): void {
  if (deviceWhiteout(entry, path) === undefined) return;
  throw new MkimageError('unsupported', `write layer: \`${path}\` is a device 0:0, which means a deletion in layers`);
}

/** A user's own file of such a name cannot be kept in a layer: it would delete something in the image. */
export function refuseReservedName(path: TreePath): void {
  if (!path.includes(PREFIX) || !path.split('/').some((name) => name.startsWith(PREFIX))) return;
  throw new MkimageError('unsupported', `write layer: \`${path}\` has a name that image layers reserve for deletions`, {
    hint: 'rename the file: names that begin with `.wh.` cannot be part of an image',
  });
}
