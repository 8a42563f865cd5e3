import type { ContainerResources } from '../../api/index.ts';
import type { ContainerGroups, DeviceRule, GroupSetting } from '../../sandbox/index.ts';
import type { ContainerRecord } from '../record.ts';

/** Applies the limits of a container to its control groups. Returns warnings about those without effect. */
export function limitResources(
  groups: ContainerGroups,
  { host }: ContainerRecord,
  devices: readonly DeviceRule[],
): readonly string[] {
  groups.filterDevices(devices);
  return applyLimits(groups, host);
}

export function applyLimits(groups: ContainerGroups, resources: ContainerResources): readonly string[] {
  return settingsOf(resources).flatMap((setting) => groups.set(setting) ?? []);
}

const PERIOD_US = 100_000;

/** The settings in the order in which the kernel takes them. */
function settingsOf(host: ContainerResources): readonly GroupSetting[] {
  return [...memorySettings(host), ...cpuSettings(host), ...otherSettings(host)];
}

function memorySettings({
  Memory = 0,
  MemorySwap = 0,
  MemoryReservation = 0,
}: ContainerResources): readonly GroupSetting[] {
  const settings: GroupSetting[] = [];
  if (Memory > 0) {
    const text = String(Memory);
    settings.push({
      controller: 'memory',
      asked: `--memory ${text}`,
      v1: ['memory.limit_in_bytes', text],
      v2: ['memory.max', text],
    });
  }
  if (MemoryReservation > 0) {
    const text = String(MemoryReservation);
    const asked = `--memory-reservation ${text}`;
    settings.push({ controller: 'memory', asked, v1: ['memory.soft_limit_in_bytes', text], v2: ['memory.low', text] });
  }
  if (MemorySwap > 0) {
    const text = String(MemorySwap);
    const v2 = ['memory.swap.max', String(Math.max(0, MemorySwap - Memory))] as const;
    settings.push({
      controller: 'memory',
      asked: `--memory-swap ${text}`,
      v1: ['memory.memsw.limit_in_bytes', text],
      v2,
    });
  }
  return settings;
}

function cpuSettings({
  NanoCpus = 0,
  CpuPeriod = 0,
  CpuQuota = 0,
  CpuShares = 0,
}: ContainerResources): readonly GroupSetting[] {
  const settings: GroupSetting[] = [];
  const period = CpuPeriod > 0 ? CpuPeriod : PERIOD_US;
  const quota = NanoCpus > 0 ? Math.round((NanoCpus * PERIOD_US) / 1e9) : CpuQuota;
  if (quota > 0) {
    const asked = NanoCpus > 0 ? `--cpus ${NanoCpus / 1e9}` : `--cpu-quota ${quota}`;
    if (CpuPeriod > 0)
      settings.push({
        controller: 'cpu',
        asked,
        v1: ['cpu.cfs_period_us', String(period)],
        v2: ['cpu.max', `${quota} ${period}`],
      });
    settings.push({
      controller: 'cpu',
      asked,
      v1: ['cpu.cfs_quota_us', String(quota)],
      v2: ['cpu.max', `${quota} ${period}`],
    });
  }
  if (CpuShares > 0) {
    const weight = Math.min(10_000, 1 + Math.floor(((CpuShares - 2) * 9999) / 262_142));
    settings.push({
      controller: 'cpu',
      asked: `--cpu-shares ${CpuShares}`,
      v1: ['cpu.shares', String(CpuShares)],
      v2: ['cpu.weight', String(weight)],
    });
  }
  return settings;
}

function sameFile(controller: 'cpuset' | 'pids', asked: string, [file, text]: readonly [string, string]): GroupSetting {
  return { controller, asked, v1: [file, text], v2: [file, text] };
}

function otherSettings({
  CpusetCpus = '',
  CpusetMems = '',
  PidsLimit,
  BlkioWeight = 0,
}: ContainerResources): readonly GroupSetting[] {
  return [
    ...(CpusetCpus === '' ? [] : [sameFile('cpuset', `--cpuset-cpus ${CpusetCpus}`, ['cpuset.cpus', CpusetCpus])]),
    ...(CpusetMems === '' ? [] : [sameFile('cpuset', `--cpuset-mems ${CpusetMems}`, ['cpuset.mems', CpusetMems])]),
    ...(typeof PidsLimit === 'number' && PidsLimit > 0
      ? [sameFile('pids', `--pids-limit ${PidsLimit}`, ['pids.max', String(PidsLimit)])]
      : []),
    ...(BlkioWeight > 0
      ? [
          {
            controller: 'blkio',
            asked: `--blkio-weight ${BlkioWeight}`,
            v1: ['blkio.weight', String(BlkioWeight)],
            v2: ['io.weight', String(BlkioWeight)],
          } as const,
        ]
      : []),
  ];
}
