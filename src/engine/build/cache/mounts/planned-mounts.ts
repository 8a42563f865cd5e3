import type { CacheTarget } from '../../../../api/index.ts';
import { keyOfCacheMount } from '../../../../executor/index.ts';
import type { RunMount, WorkPlan } from '../../../../plan/index.ts';

/** A cache mount of a build. */
export interface PlannedMount {
  readonly key: string;
  readonly id: string;
  readonly sharing: Extract<RunMount, { readonly type: 'cache' }>['sharing'];
}

/** The cache mounts that steps of the plan have, each once. */
export function listPlannedMounts({ stages }: Pick<WorkPlan, 'stages'>): readonly PlannedMount[] {
  const mounts = stages
    .flatMap(({ steps }) => steps)
    .flatMap((step) => (step.kind === 'run' ? step.mounts : []))
    .flatMap((mount) => (mount.type === 'cache' ? mount : []));
  return [...new Map(mounts.map((mount) => [keyOfCacheMount(mount), mount]))].map(([key, { id, sharing }]) => ({
    key,
    id,
    sharing,
  }));
}

export function isWanted({ id }: PlannedMount, mounts: CacheTarget['mounts']): boolean {
  return mounts === 'all' || mounts.includes(id);
}
