/** What a prune may remove, and how old it must be. */
import type { CacheType, PruneRequest } from '../../api/index.ts';
import type { FolderId } from '../folders.ts';

/** BuildKit's types of records, as in `--filter type=`. */
export const CACHE_TYPES: readonly CacheType[] = [
  'regular',
  'source.local',
  'source.git.checkout',
  'exec.cachemount',
  'internal',
  'frontend',
];

export interface Scope {
  /** False if only some types or objects are selected. */
  readonly isWhole: boolean;
  readonly wants: (type: CacheType) => boolean;
  /**
   * Returns true if the object is to be removed, by its ID and age. `usedAt` and `oldest` in milliseconds since 1970;
   * what was last used before `oldest` is removed anyway.
   */
  readonly dooms: (id: string, usedAt: number, oldest?: number) => boolean;
  /** Returns true if an unused object is to be removed. */
  readonly doomsStale: (id: string) => boolean;
  /** undefined: age is not considered. */
  readonly oldest: number | undefined;
}

export function scopeOf({ all, unusedFor, types, ids, cacheMounts }: PruneRequest, now: number): Scope {
  const oldest = unusedFor === undefined ? undefined : now - unusedFor * 1000;
  const isNamed = (id: string) => ids === undefined || ids.some((start) => id.startsWith(withoutAlgorithm(start)));
  const everything = all || ids !== undefined ? Number.POSITIVE_INFINITY : undefined;
  return {
    isWhole: types === undefined && ids === undefined,
    wants: (type) => {
      if (types !== undefined) return types.includes(type);
      return type !== 'exec.cachemount' || cacheMounts === true || ids !== undefined;
    },
    dooms: (id, usedAt, least = 0) => isNamed(id) && usedAt < (oldest ?? everything ?? least),
    doomsStale: (id) => isNamed(id),
    oldest,
  };
}

function withoutAlgorithm(id: string): string {
  return id.replace(/^sha256:/, '');
}

/** Returns the type of the contents of a folder with a retention. */
export function typeOfFolder(folder: FolderId): CacheType {
  if (folder === 'downloads') return 'regular';
  if (folder === 'checkouts') return 'source.git.checkout';
  return folder === 'contexts' ? 'source.local' : 'internal';
}
