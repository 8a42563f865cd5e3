import type { DiskUsage } from '../../api/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { FORMAT_FLAG } from '../text/format-flag.ts';
import { toPrintable } from '../text/printable.ts';
import { formatJsonLines, formatTable } from '../text/table.ts';
import { formatSize } from '../text/units.ts';
import { defineVerb } from '../verb.ts';

export const du = defineVerb({
  name: 'du',
  summary: 'show the disk usage of the local store',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: { format: FORMAT_FLAG },
  needsNamespace: () => 'reads-store',
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { diskUsage } = await import('../../engine/state/du.ts');
    const usage = await diskUsage(services);
    terminal.stdout.write(flags.format === 'json' ? formatJsonLines(usage.lines) : formatUsageTable(usage));
    return EXIT_CODE.done;
  },
});

export function formatUsageTable({ lines, bytes, reclaimable }: DiskUsage): string {
  const rows = lines.map((line) => [
    line.kind.replaceAll('-', ' '),
    String(line.count),
    formatSize(line.bytes),
    formatSize(line.reclaimable),
  ]);
  const total = ['total', '', formatSize(bytes), formatSize(reclaimable)];
  return `${formatTable(['TYPE', 'COUNT', 'SIZE', 'RECLAIMABLE'], [...rows, total])}${lines.map(formatNames).join('')}`;
}

function formatNames({ kind, names = [] }: DiskUsage['lines'][number]): string {
  return names.length === 0 ? '' : `${kind.replaceAll('-', ' ')}: ${names.map(toPrintable).join(', ')}\n`;
}
