import type { HistoryLine } from '../../api/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { FORMAT_FLAG, shownId } from '../text/format-flag.ts';
import { printable } from '../text/printable.ts';
import { jsonLines, table } from '../text/table.ts';
import { cutToWidth } from '../text/text-width.ts';
import { formatAge, formatSize } from '../text/units.ts';
import { defineVerb } from '../verb.ts';

export const history = defineVerb({
  name: 'history',
  summary: 'show the steps that made an image',
  operands: '<image>',
  completes: 'image',
  least: 1,
  most: 1,
  flags: {
    format: FORMAT_FLAG,
    human: { alias: 'H', type: 'boolean', describe: 'accepted for Docker’s sake', hidden: true },
    'no-trunc': { type: 'boolean', describe: 'show whole IDs and commands' },
    quiet: { alias: 'q', type: 'boolean', describe: 'print IDs only' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { imageHistory } = await import('../../engine/images/history.ts');
    const lines = await imageHistory(services, { image: operands[0]! });
    const view = { isWhole: flags['no-trunc'], now: terminal.now() };
    if (flags.quiet) terminal.stdout.write(lines.map((line) => `${idOf(line, view)}\n`).join(''));
    else terminal.stdout.write(flags.format === 'json' ? historyJson(lines, view) : historyTable(lines, view));
    return EXIT_CODE.done;
  },
});

export interface HistoryView {
  readonly isWhole: boolean;
  readonly now: number;
}

export function historyTable(lines: readonly HistoryLine[], view: HistoryView): string {
  const rows = lines.map((line) => [
    idOf(line, view),
    formatAge(line.created, view.now),
    commandOf(line, view),
    formatSize(line.size),
    line.comment,
  ]);
  return table(['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'], rows);
}

/** One object a line, with the members that `docker history --format json` has. */
export function historyJson(lines: readonly HistoryLine[], view: HistoryView): string {
  return jsonLines(
    lines.map((line) => ({
      Comment: line.comment,
      CreatedAt: line.created ?? '',
      CreatedBy: commandOf(line, view),
      CreatedSince: formatAge(line.created, view.now),
      ID: idOf(line, view),
      Size: formatSize(line.size),
    })),
  );
}

function idOf({ id }: HistoryLine, { isWhole }: HistoryView): string {
  return id === undefined ? '<missing>' : shownId(id, isWhole);
}

function commandOf({ createdBy }: HistoryLine, { isWhole }: HistoryView): string {
  const line = createdBy.split('\n').map(printable).join(' ');
  return isWhole ? line : cutToWidth(line, 45);
}
