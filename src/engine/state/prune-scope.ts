/** What a prune is asked to look at, and how old it has to be. */
import type { CacheType, PruneRequest } from '../../api/index.ts';
import type { FolderId } from '../folders.ts';

/** What BuildKit calls types of records, and `--filter type=` takes. */
export const CACHE_TYPES: readonly CacheType[] = [
  'regular',
  'source.local',
  'source.git.checkout',
  'exec.cachemount',
  'internal',
  'frontend',
];

export interface Scope {
  /** False if only some types or objects are meant. */
  readonly isWhole: boolean;
  readonly wants: (type: CacheType) => boolean;
  /**
   * Whether an object goes, as far as its ID and its age say. `usedAt` in milliseconds since 1970; `oldest`: what was last used
   * before goes anyway.
   */
  readonly dooms: (id: string, usedAt: number, oldest?: number) => boolean;
  /** Whether an object goes that is of no use any more. */
  readonly doomsStale: (id: string) => boolean;
  /** undefined: age is no reason. */
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

/** The type of what lies in a folder with a retention. */
export function typeOfFolder(folder: FolderId): CacheType {
  if (folder === 'downloads') return 'regular';
  if (folder === 'checkouts') return 'source.git.checkout';
  return folder === 'contexts' ? 'source.local' : 'internal';
}
