import type { RemoveRequest, RemoveResult } from '../../api/index.ts';
import type { Cache } from '../../cache/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { type Digest, formatFamiliarName, formatFamiliarRepository, parseReference } from '../../oci/index.ts';
import { cachedLayers } from '../state/index.ts';
import {
  type FoundImage,
  familiarNames,
  findImage,
  type ImageStoreServices,
  type ListedImage,
} from './stored-images.ts';

export interface RemoveServices extends ImageStoreServices {
  readonly cache: Pick<Cache, 'records'>;
}

/**
 * Removes names, and an image with its last name. By ID an image is removed with all its names, if they are of one
 * repository or `force` is set. If one removal fails the others are still done, and the first failure is thrown at the
 * end. Throws `not-found`, `in-use`.
 */
export async function removeImages(services: RemoveServices, request: RemoveRequest): Promise<RemoveResult> {
  const untagged: string[] = [];
  const deleted: Digest[] = [];
  let fault: unknown;
  for (const text of request.images) {
    try {
      const removed = await removeOne(services, text, request.force);
      untagged.push(...removed.untagged);
      deleted.push(...removed.deleted);
    } catch (error) {
      fault ??= error;
    }
  }
  const freed = deleted.length > 0 ? await collectNow(services) : { blobs: 0, bytes: 0 };
  if (fault !== undefined)
    throw isMkimageError(fault) ? new RemovalStopped(fault, { untagged, deleted, freed }) : fault;
  return { untagged, deleted, freed };
}

async function removeOne(services: RemoveServices, text: string, force: boolean): Promise<Omit<RemoveResult, 'freed'>> {
  const found = findImage(services, text);
  const doomed = found.name === undefined ? byId(found, text, force) : byName(found, found.name);
  for (const { name, target } of doomed) {
    if (name === undefined) await services.store.removeDangling(target.digest);
    else await services.store.untag(name, { keepDangling: false });
  }
  return { untagged: familiarNames(doomed), deleted: doomed.length === found.entries.length ? [found.id] : [] };
}

/** A name removes only itself; `repository@digest` removes all names of that repository. */
function byName({ entries }: FoundImage, name: string): readonly ListedImage[] {
  const exact = entries.filter((entry) => entry.name === name);
  if (exact.length > 0) return exact;
  const repository = formatFamiliarRepository(parseReference(name));
  return entries.filter(
    (entry) => entry.name !== undefined && formatFamiliarRepository(parseReference(entry.name)) === repository,
  );
}

function byId({ entries }: FoundImage, text: string, force: boolean): readonly ListedImage[] {
  const names = entries.flatMap(({ name }) => (name === undefined ? [] : [parseReference(name)]));
  if (!force && new Set(names.map(formatFamiliarRepository)).size > 1) {
    const list = names.map((name) => `\`${formatFamiliarName(name)}\``).join(', ');
    throw new MkimageError('in-use', `remove image \`${text}\`: several repositories name it: ${list}`, {
      hint: 'remove it by name, or all names at once with `--force`',
    });
  }
  return entries;
}

/** Removes blobs only if no build holds the store: it must not wait for a build. */
async function collectNow({ store, cache }: RemoveServices): Promise<RemoveResult['freed']> {
  const kept = cachedLayers(cache);
  try {
    return await store.collect({ keep: (digest) => kept.has(digest), waitMs: 0 });
  } catch (error) {
    if (isMkimageError(error, 'in-use')) return undefined;
    throw error;
  }
}

/** Removing several images failed for one of them; `removed` is what was removed. */
export class RemovalStopped extends MkimageError {
  readonly removed: RemoveResult;

  constructor({ code, message, hint, stack }: MkimageError, removed: RemoveResult) {
    super(code, message, { hint });
    this.removed = removed;
    if (stack !== undefined) this.stack = stack;
  }
}
