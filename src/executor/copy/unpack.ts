/**
 * ADD of an archive: its entries become edits of the staging, as if the archive was unpacked in a root of its own at
 * the destination.
 */
import type { FileEntry, FileLocation, TreePath } from '../../content/index.ts';
import { DirectoryLinks, ImpliedPaths, joinPath, nameOf, parentOf, resolveInTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { type ArchiveEntry, type OpenArchive, openArchive } from '../../layer/index.ts';
import type { Call } from '../../progress.ts';
import { type CopyTarget, makeDirectories } from './copy.ts';
import type { Staging } from './staging.ts';

interface UnpackOptions {
  readonly scratch: string;
  readonly call: Call;
}

/**
 * Unpacks a file if it is an archive (detected by content: tar, plain or compressed with gzip, bzip2, xz or zstd).
 * Returns undefined if it is not an archive. The archive must stay open until the layer is written.
 */
export async function unpackArchive(
  target: CopyTarget,
  location: FileLocation,
  { scratch, call }: UnpackOptions,
): Promise<OpenArchive | undefined> {
  const archive = await openArchive(location, scratch, call);
  if (!archive) return undefined;
  const root = resolveInTree(target.staging, target.destination);
  makeDirectories({ ...target, chmod: undefined }, root);
  const unpacking = { target, root, links: linksInside(target.staging, root), implied: new ImpliedPaths() };
  for (const entry of archive.entries) await unpackEntry(unpacking, entry);
  return archive;
}

interface Unpacking {
  readonly target: CopyTarget;
  readonly root: TreePath;
  readonly links: DirectoryLinks;
  readonly implied: ImpliedPaths;
}

/** The part of the staging below a directory, as a root: links in it never lead out of it. */
function linksInside(staging: Staging, root: TreePath): DirectoryLinks {
  return new DirectoryLinks((path) => {
    const entry = staging.stat(below(root, path));
    return entry?.type === 'symlink' ? entry.linkname : undefined;
  });
}

function below(root: TreePath, path: TreePath): TreePath {
  return path === '' ? root : joinPath(root, path);
}

async function unpackEntry(unpacking: Unpacking, archived: ArchiveEntry): Promise<void> {
  const { target, root, links, implied } = unpacking;
  const name = archived.entry.path;
  if (name === '') return;
  const parent = links.resolve(parentOf(name));
  makeDirectories({ ...target, chmod: undefined, owner: undefined }, below(root, parent), (made) =>
    implied.count(made),
  );
  const path = below(root, joinPath(parent, nameOf(name)));
  if (archived.hardlink !== undefined) return unpackLink(unpacking, archived, path);
  forgetReplaced(unpacking, path, archived.entry);
  target.staging.put({ ...archived.entry, ...(target.owner ?? {}), path }, archived.content);
}

/**
 * When an entry replaces a directory or a symlink, paths through it resolve differently. Remembered paths are dropped.
 */
function forgetReplaced({ target, links }: Unpacking, path: TreePath, entry: FileEntry): void {
  const before = target.staging.stat(path)?.type;
  const stays = before === undefined || before === 'file' || (before === 'directory' && entry.type === 'directory');
  if (!stays) links.forget();
}

/** A hard link in an archive refers to a file that was unpacked before or exists already. It may be a symlink, which has no content. */
async function unpackLink(unpacking: Unpacking, archived: ArchiveEntry, path: TreePath): Promise<void> {
  const { target, root, links } = unpacking;
  const linked = archived.hardlink ?? '';
  const source = target.staging.stat(below(root, joinPath(links.resolve(parentOf(linked)), nameOf(linked))));
  if (!source || source.type === 'directory') {
    throw new MkimageError(
      'invalid-archive',
      `unpack \`${archived.entry.path}\`: it links to \`${linked}\`, which is not a file`,
    );
  }
  forgetReplaced(unpacking, path, archived.entry);
  const content = source.type === 'file' ? await target.staging.locate(source.path) : undefined;
  target.staging.link(source, path, content);
}
