import type { PruneResult } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseSize } from '../../notation/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { readPruneFilters } from '../text/prune-filters.ts';
import { formatSize } from '../text/units.ts';
import { defineVerb } from '../verb.ts';
import { removedMountsText } from './cache-mounts.ts';

export const prune = defineVerb({
  name: 'prune',
  summary: 'remove dangling images and stale cache; named images stay',
  operands: '',
  least: 0,
  most: 0,
  flags: {
    all: { alias: 'a', type: 'boolean', describe: 'forget the whole build cache and every unpacked layer' },
    'cache-mounts': { type: 'boolean', describe: 'remove what RUN --mount=type=cache has kept, too' },
    'keep-storage': { type: 'string', describe: 'keep so much of the build cache, what was used last: 10GB' },
    'reserved-space': { type: 'string', describe: 'the same, as buildx calls it', hidden: true },
    filter: {
      type: 'string',
      array: true,
      describe: 'until=24h or a time: also what was not used since, with --all only that; type=…, id=…: only those',
    },
    force: { alias: 'f', type: 'boolean', describe: 'accepted for Docker’s sake: nothing is asked', hidden: true },
  },
  async run({ flags, terminal }) {
    const { CACHE_TYPES } = await import('../../engine/state/prune-scope.ts');
    const filters = readPruneFilters(flags.filter, { types: CACHE_TYPES, now: terminal.now() });
    const keepStorage = readKeepStorage(flags['keep-storage'] ?? flags['reserved-space']);
    if (keepStorage !== undefined && (filters.types ?? filters.ids) !== undefined)
      throw new MkimageError('usage', '`--keep-storage` bounds the whole cache: it goes with no filter but `until`');
    const { all, 'cache-mounts': cacheMounts } = flags;
    await using services = await openEngine(terminal);
    const { pruneStore } = await import('../../engine/state/prune.ts');
    const pruned = await pruneStore(services, { all, cacheMounts, keepStorage, ...filters });
    terminal.stdout.write(prunedText(pruned));
    return EXIT_CODE.done;
  },
});

/** As Docker prints it: a heading and a line for each, then what it comes to. */
export function prunedText({ images, objects, cacheMounts, bytes }: PruneResult): string {
  const list = (heading: string, lines: readonly string[]) =>
    lines.length === 0 ? '' : `${heading}:\n${lines.map((line) => `${line}\n`).join('')}\n`;
  return [
    list(
      'Deleted Images',
      images.map((digest) => `deleted: ${digest}`),
    ),
    list('Deleted build cache objects', objects),
    cacheMounts.length === 0 ? '' : `Deleted cache mounts:\n${removedMountsText(cacheMounts)}\n`,
    `Total reclaimed space: ${formatSize(bytes)}\n`,
  ].join('');
}

function readKeepStorage(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new MkimageError('usage', `read --keep-storage: \`${text}\` is no size`, {
    hint: 'e.g. `--keep-storage 10GB`',
  });
}
