/** Measures what a container uses, from its control groups and /proc (cgroups(7), proc(5)). */
import { readFileSync } from 'node:fs';
import type { BlockEntry, ContainerStats, CpuStats, MemoryStats, NetworkStats } from '../../api/index.ts';
import type { ContainerGroups } from '../../sandbox/index.ts';
import type { ContainerHome } from '../home.ts';
import { formatTime } from '../home.ts';
import { isAlive, settle } from '../life/settle.ts';
import type { ContainerFolder } from '../record.ts';

const NEVER = '0001-01-01T00:00:00Z';
const NO_THROTTLING = { periods: 0, throttled_periods: 0, throttled_time: 0 };
const NO_CPU: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: NO_THROTTLING,
};
/** The kernel counts the time of the machine in hundredths of a second. */
const NANOSECONDS_PER_TICK = 1e7;
/** Controllers without a limit have this or a larger number. */
const NO_LIMIT = 2 ** 62;

/** One measurement. `before` is the one before it, from which clients compute percentages. */
export async function readStats(
  home: ContainerHome,
  folder: ContainerFolder,
  before: ContainerStats | undefined,
): Promise<ContainerStats> {
  const { name, host } = folder.record();
  const state = await settle(home, folder);
  const groups = isAlive(state) ? home.sandbox.groupsOf(folder.id) : undefined;
  return {
    id: folder.id,
    name: `/${name}`,
    read: groups === undefined ? NEVER : formatTime(home.clock()),
    preread: before?.read ?? NEVER,
    pids_stats: groups === undefined ? {} : readPids(groups),
    blkio_stats: { io_service_bytes_recursive: groups === undefined ? null : readBlocks(groups) },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: groups === undefined ? NO_CPU : readCpu(groups),
    precpu_stats: before?.cpu_stats ?? NO_CPU,
    memory_stats: groups === undefined ? {} : readMemory(groups),
    // The interfaces of the host are not those of the container.
    ...(groups !== undefined && host.NetworkMode !== 'host' && { networks: readNetworks(state.pid) }),
  };
}

function readPids(groups: ContainerGroups): ContainerStats['pids_stats'] {
  const limit = Number(groups.read('pids', 'pids.max', 'pids.max'));
  const current = Number(groups.read('pids', 'pids.current', 'pids.current') ?? groups.pids().length);
  return { current, ...(Number.isFinite(limit) && { limit }) };
}

function readCpu(groups: ContainerGroups): CpuStats {
  const usage = groups.read('cpuacct', 'cpuacct.usage', '');
  const machine = readMachine();
  const lines = readPairs(groups.read('cpu', 'cpu.stat', 'cpu.stat'));
  if (usage === undefined || usage === '') {
    const micro = (name: string) => (lines[name] ?? 0) * 1000;
    return {
      cpu_usage: {
        total_usage: micro('usage_usec'),
        usage_in_kernelmode: micro('system_usec'),
        usage_in_usermode: micro('user_usec'),
      },
      ...machine,
      throttling_data: throttlingOf(lines, micro('throttled_usec')),
    };
  }
  const split = readPairs(groups.read('cpuacct', 'cpuacct.stat', ''));
  return {
    cpu_usage: {
      total_usage: Number(usage),
      percpu_usage: readNumbers(groups.read('cpuacct', 'cpuacct.usage_percpu', '')),
      usage_in_kernelmode: (split.system ?? 0) * NANOSECONDS_PER_TICK,
      usage_in_usermode: (split.user ?? 0) * NANOSECONDS_PER_TICK,
    },
    ...machine,
    throttling_data: throttlingOf(lines, lines.throttled_time ?? 0),
  };
}

function throttlingOf(lines: Readonly<Record<string, number>>, time: number): CpuStats['throttling_data'] {
  return { periods: lines.nr_periods ?? 0, throttled_periods: lines.nr_throttled ?? 0, throttled_time: time };
}

function readMachine(): Pick<CpuStats, 'system_cpu_usage' | 'online_cpus'> {
  const lines = readFileSync('/proc/stat', 'utf8').split('\n');
  // The last two columns, time of guests, are contained in the first two.
  const ticks = lines[0]!.split(/ +/).slice(1, 8).map(Number);
  return {
    system_cpu_usage: ticks.reduce((sum, each) => sum + each, 0) * NANOSECONDS_PER_TICK,
    online_cpus: lines.filter((line) => /^cpu\d/.test(line)).length,
  };
}

function readMemory(groups: ContainerGroups): MemoryStats {
  const usage = groups.read('memory', 'memory.usage_in_bytes', 'memory.current');
  if (usage === undefined) return {};
  const peak = groups.read('memory', 'memory.max_usage_in_bytes', 'memory.peak');
  const limit = Number(groups.read('memory', 'memory.limit_in_bytes', 'memory.max'));
  const total = readMachineMemory();
  return {
    usage: Number(usage),
    ...(peak !== undefined && { max_usage: Number(peak) }),
    stats: readPairs(groups.read('memory', 'memory.stat', 'memory.stat')),
    limit: Number.isFinite(limit) && limit < NO_LIMIT ? Math.min(limit, total) : total,
  };
}

function readMachineMemory(): number {
  const [, kilobytes = '0'] = /^MemTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Version 1 has lines such as `8:0 Read 4096`, version 2 such as `8:0 rbytes=4096 wbytes=0`. */
function readBlocks(groups: ContainerGroups): readonly BlockEntry[] {
  const text =
    groups.read('blkio', 'blkio.throttle.io_service_bytes_recursive', 'io.stat') ??
    groups.read('blkio', 'blkio.throttle.io_service_bytes', 'io.stat') ??
    '';
  return text.split('\n').flatMap((line) => {
    const [device = '', ...rest] = line.split(' ');
    const [major, minor] = device.split(':').map(Number);
    if (major === undefined || minor === undefined) return [];
    if (rest.length === 2 && !rest[0]!.includes('='))
      return [{ major, minor, op: rest[0]!.toLowerCase(), value: Number(rest[1]) }];
    const values = Object.fromEntries(rest.map((each) => each.split('=')));
    return [
      { major, minor, op: 'read', value: Number(values.rbytes ?? 0) },
      { major, minor, op: 'write', value: Number(values.wbytes ?? 0) },
    ];
  });
}

/** The interfaces in the network namespace of a process, without the loopback interface. */
function readNetworks(pid: number): Readonly<Record<string, NetworkStats>> {
  const lines = readTextOrEmpty(`/proc/${pid}/net/dev`).split('\n').slice(2);
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [name = '', counters = ''] = line.split(':');
      const [
        rx = 0,
        rxPackets = 0,
        rxErrors = 0,
        rxDropped = 0,
        ,
        ,
        ,
        ,
        tx = 0,
        txPackets = 0,
        txErrors = 0,
        txDropped = 0,
      ] = readNumbers(counters);
      if (counters === '' || name.trim() === 'lo') return [];
      const stats: NetworkStats = {
        rx_bytes: rx,
        rx_packets: rxPackets,
        rx_errors: rxErrors,
        rx_dropped: rxDropped,
        tx_bytes: tx,
        tx_packets: txPackets,
        tx_errors: txErrors,
        tx_dropped: txDropped,
      };
      return [[name.trim(), stats] as const];
    }),
  );
}

function readTextOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has just ended
  }
}

/** Lines with a name and a number. */
function readPairs(text = ''): Readonly<Record<string, number>> {
  const lines = text.split('\n').map((line) => line.split(' '));
  return Object.fromEntries(lines.filter(([name]) => name !== '').map(([name, value]) => [name, Number(value)]));
}

function readNumbers(text = ''): readonly number[] {
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
}
