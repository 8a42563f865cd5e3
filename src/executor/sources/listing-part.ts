import type { Cache, KeyPart } from '../../cache/index.ts';
import type { FileTree, TreePath } from '../../content/index.ts';
import { listSelections, type Selection } from '../../context/index.ts';

/** Files of a source, with the names under which they are listed. */
export interface ListedFiles {
  readonly path: TreePath;
  readonly name: string;
  readonly filter?:
    | { readonly decide: (relative: string, isDirectory: boolean) => 'take' | 'descend' | 'skip' }
    | undefined;
}

/** Where listings are stored. */
export interface ListingMemory {
  readonly services: { readonly cache: Pick<Cache, 'saveListing'> };
}

export interface ListedSource {
  readonly tree: FileTree;
  readonly files: readonly ListedFiles[];
  readonly owners: boolean;
}

/**
 * Returns the key part that identifies files by content. The listing itself is stored separately, so that a later miss
 * can name the changed files. `owners`: the files come from a stage, where owners are copied too.
 */
export async function listingPart(
  { services }: ListingMemory,
  name: string,
  { tree, files, owners }: ListedSource,
): Promise<KeyPart> {
  const listing = await listSelections(tree, files.map(selectionOf), { owners });
  services.cache.saveListing(listing.digest, listing.text);
  return { name, value: listing.digest };
}

function selectionOf({ path, name, filter }: ListedFiles): Selection {
  const below = path === '' ? 0 : path.length + 1;
  if (!filter) return { path, name };
  return {
    path,
    name,
    accepts: (entry) => filter.decide(entry.path.slice(below), entry.type === 'directory') === 'take',
  };
}
