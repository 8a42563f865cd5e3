import { type FileEntry, type FileTree, locateContent, type TreePath } from '../../content/index.ts';
import { type Change, sameAttributes, sameContent } from '../../layer/index.ts';
import type { Repeat, Staging } from './staging.ts';

/**
 * Returns the changes of a staging without entries that are equal in the base, because those would be stored twice.
 * `epoch` is the time in seconds to which the layer writer sets later times.
 */
export async function realChanges(
  staging: Staging,
  base: FileTree,
  epoch: number | undefined,
): Promise<Iterable<Change>> {
  const limit = epoch ?? Number.POSITIVE_INFINITY;
  const repeats = [...staging.repeats()].filter(({ entry, before }) => sameAttributes(clampTime(entry, limit), before));
  const partedLinks = linksThatDiffer(staging, repeats);
  const unchanged = new Set<TreePath>();
  for (const repeat of repeats) {
    const { inode } = repeat.entry;
    if (inode !== undefined && partedLinks.has(inode)) continue;
    if (await holdsTheSame(repeat, base)) unchanged.add(repeat.entry.path);
    else if (inode !== undefined) partedLinks.add(inode);
  }
  for (const { entry } of repeats) {
    if (entry.inode !== undefined && partedLinks.has(entry.inode)) unchanged.delete(entry.path);
  }
  return staging.changes(unchanged);
}

function clampTime(entry: FileEntry, limit: number): FileEntry {
  return entry.mtime > limit ? { ...entry, mtime: limit } : entry;
}

/** Inodes with at least one changed name: all their names stay together in the layer. */
function linksThatDiffer(staging: Staging, repeats: readonly Repeat[]): Set<string> {
  const below = new Map<string, Set<string>>();
  const same = new Set<TreePath>();
  for (const { entry, before } of repeats) {
    if (entry.inode === undefined) continue;
    same.add(entry.path);
    const inodes = below.get(entry.inode) ?? new Set();
    below.set(entry.inode, inodes.add(before.inode ?? `alone ${entry.path}`));
  }
  const parted = new Set([...below].filter(([, inodes]) => inodes.size > 1).map(([inode]) => inode));
  for (const { path, inode } of staging.listLinked()) if (!same.has(path)) parted.add(inode);
  return parted;
}

async function holdsTheSame({ entry, content, before }: Repeat, base: FileTree): Promise<boolean> {
  if (entry.type !== 'file' || entry.size === 0 || content === undefined) return true;
  return sameContent(entry, await locateContent(content), await base.locate(before.path));
}
