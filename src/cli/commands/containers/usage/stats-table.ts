/** The table of `stats`, computed from measurements as Docker's client does. */
import type { ContainerStats } from '../../../../api/index.ts';
import { formatWithTemplate } from '../../../go-template/index.ts';
import { formatJsonLines, formatTable } from '../../../text/table.ts';
import { formatSize } from '../../../text/units.ts';

export interface StatsView {
  readonly format: string | undefined;
  readonly isWhole: boolean;
}

const HEADINGS = {
  ID: 'CONTAINER ID',
  Container: 'CONTAINER',
  Name: 'NAME',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
  PIDs: 'PIDS',
} as const;

const TABLE = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'] as const;

export function formatStats(found: readonly ContainerStats[], { format, isWhole }: StatsView): string {
  const rows = found.map((each) => fieldsOf(each, isWhole));
  if (format === 'json') return formatJsonLines(rows);
  if (format !== undefined && format !== 'table') return formatWithTemplate(format, rows, HEADINGS);
  return formatTable(
    TABLE.map((name) => HEADINGS[name]),
    rows.map((row) => TABLE.map((name) => row[name])),
  );
}

function fieldsOf(stats: ContainerStats, isWhole: boolean): Record<keyof typeof HEADINGS, string> {
  const { memory_stats: memory, networks = {}, blkio_stats: blocks } = stats;
  const used = usedMemory(stats);
  const { limit = 0 } = memory;
  const net = Object.values(networks);
  const sumBlocks = (op: string) =>
    sum((blocks.io_service_bytes_recursive ?? []).filter((entry) => entry.op === op).map(({ value }) => value));
  const id = isWhole ? stats.id : stats.id.slice(0, 12);
  return {
    ID: id,
    Container: id,
    Name: stats.name.slice(1),
    CPUPerc: formatPercent(cpuShare(stats)),
    MemUsage: `${formatBinarySize(used)} / ${formatBinarySize(limit)}`,
    MemPerc: formatPercent(limit === 0 ? 0 : used / limit),
    NetIO: `${formatSize(sum(net.map(({ rx_bytes }) => rx_bytes)))} / ${formatSize(sum(net.map(({ tx_bytes }) => tx_bytes)))}`,
    BlockIO: `${formatSize(sumBlocks('read'))} / ${formatSize(sumBlocks('write'))}`,
    PIDs: String(stats.pids_stats.current ?? 0),
  };
}

/** Without the part of the page cache that the kernel can take back at once. */
function usedMemory({ memory_stats: { usage = 0, stats = {} } }: ContainerStats): number {
  const reclaimable = stats.total_inactive_file ?? stats.inactive_file ?? 0;
  return reclaimable < usage ? usage - reclaimable : usage;
}

/** 1 is one processor. */
function cpuShare({ cpu_stats: now, precpu_stats: before }: ContainerStats): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const machine = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  return before.system_cpu_usage === undefined || machine <= 0 || used <= 0
    ? 0
    : (used / machine) * (now.online_cpus ?? 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function formatPercent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Four digits, as Docker: `1.945GiB`. */
export function formatBinarySize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toPrecision(4))}${UNITS[unit]}`;
}
