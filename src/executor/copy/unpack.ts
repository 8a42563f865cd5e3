/** ADD of an archive: its entries become edits of the staging, as if unpacked in a root of their own at the destination. */
import type { FileEntry, FileLocation, TreePath } from '../../content/index.ts';
import { DirectoryLinks, ImpliedPaths, joinPath, nameOf, parentOf, resolveInTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { type ArchiveEntry, type OpenArchive, openArchive } from '../../layer/index.ts';
import type { Call } from '../../progress.ts';
import { type CopyTarget, makeDirectories } from './copy.ts';
import type { Staging } from './staging.ts';

/**
 * Unpacks a file if it is an archive (decided by content: tar, plain or compressed with gzip, bzip2, xz or zstd).
 * Undefined: it is none. The archive has to stay open until the layer is written.
 */
export async function unpackArchive(
  target: CopyTarget,
  location: FileLocation,
  scratch: string,
  call: Call,
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

/** The part of the staging below a directory, seen as a root: links in it never lead out of it. */
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

/** What leads through a directory or a symlink leads elsewhere when something else takes its place. */
function forgetReplaced({ target, links }: Unpacking, path: TreePath, entry: FileEntry): void {
  const before = target.staging.stat(path)?.type;
  const stays = before === undefined || before === 'file' || (before === 'directory' && entry.type === 'directory');
  if (!stays) links.forget();
}

/** A hard link in an archive means a file that was unpacked (or is there) already. */
async function unpackLink(unpacking: Unpacking, archived: ArchiveEntry, path: TreePath): Promise<void> {
  const { target, root, links } = unpacking;
  const linked = archived.hardlink ?? '';
  const source = target.staging.stat(below(root, joinPath(links.resolve(parentOf(linked)), nameOf(linked))));
  if (!source || source.type === 'directory') {
    throw new MkimageError(
      'invalid-archive',
      `unpack \`${archived.entry.path}\`: link to \`${linked}\`, which is no file`,
    );
  }
  forgetReplaced(unpacking, path, archived.entry);
  target.staging.link(source, path, await target.staging.locate(source.path));
}
