import type { KeyPart } from '../../cache/index.ts';
import type { FileTree } from '../../content/index.ts';
import { listing as listTree, type Selection } from '../../context/index.ts';
import type { StageRun } from '../step.ts';
import type { Selected } from './named-files.ts';

/**
 * The key part that names files by what they hold. The listing itself is kept aside, so that a later miss can say which of
 * them changed. `owners`: they come from a stage, where owners are part of what is copied.
 */
export async function listingPart(
  run: StageRun,
  name: string,
  tree: FileTree,
  selected: readonly Selected[],
  owners: boolean,
): Promise<KeyPart> {
  const selections = selected.map((each) => selectionOf(each));
  const listing = await listTree(tree, selections, { owners });
  run.services.cache.saveListing(listing.digest, listing.text);
  return { name, value: listing.digest };
}

function selectionOf({ path, name, filter }: Selected): Selection {
  const below = path === '' ? 0 : path.length + 1;
  if (!filter) return { path, name };
  return {
    path,
    name,
    accepts: (entry) => filter.decide(entry.path.slice(below), entry.type === 'directory') === 'take',
  };
}
