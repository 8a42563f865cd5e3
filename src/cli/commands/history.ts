import type { HistoryLine } from '../../api/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { FORMAT_FLAG, formatId } from '../text/format-flag.ts';
import { readPlatformFlag } from '../text/platform-flag.ts';
import { toPrintable } from '../text/printable.ts';
import { formatJsonLines, formatTable } from '../text/table.ts';
import { cutToWidth } from '../text/text-width.ts';
import { formatAge, formatSize } from '../text/units.ts';
import { defineVerb } from '../verb.ts';

export const history = defineVerb({
  name: 'history',
  summary: 'show the history of an image',
  operands: '<image>',
  completes: 'image',
  minOperands: 1,
  maxOperands: 1,
  flags: {
    format: FORMAT_FLAG,
    human: { alias: 'H', type: 'boolean', describe: 'no effect, accepted for compatibility with Docker', hidden: true },
    'no-trunc': { type: 'boolean', describe: 'do not truncate IDs and commands' },
    platform: {
      type: 'string',
      describe: 'show this platform of an image for several (default: platform of this machine)',
      completes: 'platform',
    },
    quiet: { alias: 'q', type: 'boolean', describe: 'only show image IDs' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { imageHistory } = await import('../../engine/images/history.ts');
    const lines = await imageHistory(services, {
      image: operands[0]!,
      platform: readPlatformFlag(flags.platform),
    });
    const view = { isWhole: flags['no-trunc'], now: terminal.now() };
    if (flags.quiet) terminal.stdout.write(lines.map((line) => `${idOf(line, view)}\n`).join(''));
    else terminal.stdout.write(flags.format === 'json' ? formatHistoryJson(lines, view) : formatHistory(lines, view));
    return EXIT_CODE.done;
  },
});

export interface HistoryView {
  readonly isWhole: boolean;
  readonly now: number;
}

export function formatHistory(lines: readonly HistoryLine[], view: HistoryView): string {
  const rows = lines.map((line) => [
    idOf(line, view),
    formatAge(line.created, view.now),
    commandOf(line, view),
    formatSize(line.size),
    line.comment,
  ]);
  return formatTable(['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'], rows);
}

/** One object per line, with the members of `docker history --format json`. */
export function formatHistoryJson(lines: readonly HistoryLine[], view: HistoryView): string {
  return formatJsonLines(
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
  return id === undefined ? '<missing>' : formatId(id, isWhole);
}

function commandOf({ createdBy }: HistoryLine, { isWhole }: HistoryView): string {
  const line = createdBy.split('\n').map(toPrintable).join(' ');
  return isWhole ? line : cutToWidth(line, 45);
}
