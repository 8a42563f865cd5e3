import type { ContainerResources, RestartPolicy } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import type { ContainerGroups, GroupSetting } from '../../sandbox/index.ts';
import type { ContainerHome } from '../home.ts';
import { applyLimits } from '../life/limits.ts';
import { holdContainer } from '../life/locks.ts';
import { isAlive, settle } from '../life/settle.ts';
import { tellContainer } from '../life/tell.ts';
import type { ContainerFolder, ContainerRecord } from '../record.ts';

export interface ContainerUpdate {
  readonly resources: ContainerResources;
  readonly restartPolicy: RestartPolicy | undefined;
}

/** Changes limits and restart policy, at once if the container runs. Returns warnings. Throws `usage`, `in-use`. */
export async function updateContainer(
  home: ContainerHome,
  folder: ContainerFolder,
  update: ContainerUpdate,
): Promise<readonly string[]> {
  return await holdContainer(folder, async () => {
    const record = folder.record();
    const next = mergeUpdate(record, update);
    const state = await settle(home, folder);
    const warnings = isAlive(state) ? applyTwice(home.sandbox.groupsOf(folder.id), update.resources) : [];
    folder.writeRecord(next);
    tellContainer(home, record, 'update');
    return warnings;
  });
}

function mergeUpdate(record: ContainerRecord, { resources, restartPolicy }: ContainerUpdate): ContainerRecord {
  const host = { ...record.host, ...resources, ...(restartPolicy !== undefined && { RestartPolicy: restartPolicy }) };
  const { Memory = 0, MemorySwap = 0, NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0 } = host;
  if (Memory > 0 && MemorySwap > 0 && Memory > MemorySwap)
    throw new MkimageError(
      'usage',
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    );
  if (NanoCpus > 0 && (CpuQuota > 0 || CpuPeriod > 0))
    throw new MkimageError(
      'usage',
      'Conflicting options: CPU quota or period cannot be updated as NanoCPUs has already been set',
    );
  if (
    restartPolicy !== undefined &&
    restartPolicy.Name !== 'no' &&
    restartPolicy.Name !== '' &&
    host.AutoRemove === true
  )
    throw new MkimageError('usage', 'Restart policy cannot be updated because AutoRemove is enabled for the container');
  return { ...record, host };
}

/** Version 1 refuses a memory limit above the one for memory with swap, and the other way round: one of the two orders fits. */
function applyTwice(groups: ContainerGroups, resources: ContainerResources): readonly string[] {
  const lifted = liftedLimits(resources).flatMap((setting) => groups.set(setting) ?? []);
  if (applyLimits(groups, resources).length === 0) return lifted;
  return [...lifted, ...applyLimits(groups, resources)];
}

/** Limits that are taken away: -1, or 0 for processes. */
function liftedLimits({ PidsLimit, MemorySwap }: ContainerResources): readonly GroupSetting[] {
  const settings: GroupSetting[] = [];
  if (typeof PidsLimit === 'number' && PidsLimit <= 0)
    settings.push({
      controller: 'pids',
      asked: `--pids-limit ${PidsLimit}`,
      v1: ['pids.max', 'max'],
      v2: ['pids.max', 'max'],
    });
  if (MemorySwap === -1)
    settings.push({
      controller: 'memory',
      asked: '--memory-swap -1',
      v1: ['memory.memsw.limit_in_bytes', '-1'],
      v2: ['memory.swap.max', 'max'],
    });
  return settings;
}
