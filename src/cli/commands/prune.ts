import type { PruneResult } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseSize } from '../../notation/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { readPruneFilters } from '../text/prune-filters.ts';
import { formatSize } from '../text/units.ts';
import { defineVerb } from '../verb.ts';
import { formatRemovedMounts } from './cache/cache-mounts.ts';

export const prune = defineVerb({
  name: 'prune',
  summary: 'remove dangling images and stale cache; keep named images',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    all: { alias: 'a', type: 'boolean', describe: 'remove the whole build cache and all unpacked layers' },
    'cache-mounts': { type: 'boolean', describe: 'also remove the cache mounts (RUN --mount=type=cache)' },
    'keep-storage': {
      type: 'string',
      describe: 'amount of disk space to keep for the most recently used build cache, e.g. 10GB',
    },
    'reserved-space': { type: 'string', describe: "buildx's name for --keep-storage", hidden: true },
    filter: {
      type: 'string',
      array: true,
      describe:
        'until=24h or a time: also remove objects not used since then (with --all: only those); type=…, id=…: only these objects',
    },
    force: {
      alias: 'f',
      type: 'boolean',
      describe: 'no effect (mkimage never asks for confirmation), accepted for compatibility with Docker',
      hidden: true,
    },
  },
  needsNamespace: () => 'reads-store',
  async run({ flags, terminal }) {
    const { CACHE_TYPES } = await import('../../engine/state/prune-scope.ts');
    const filters = readPruneFilters(flags.filter, { types: CACHE_TYPES, now: terminal.now() });
    const keepStorage = readKeepStorage(flags['keep-storage'] ?? flags['reserved-space']);
    if (keepStorage !== undefined && (filters.types ?? filters.ids) !== undefined)
      throw new MkimageError(
        'usage',
        '`--keep-storage` limits the whole cache and can only be combined with the filter `until`',
      );
    const { all, 'cache-mounts': cacheMounts } = flags;
    await using services = await openEngine(terminal);
    const { pruneStore } = await import('../../engine/state/prune.ts');
    const pruned = await pruneStore(services, { all, cacheMounts, keepStorage, ...filters });
    terminal.stdout.write(formatPruneResult(pruned));
    return EXIT_CODE.done;
  },
});

/** Formats the result as Docker does: a heading with one line per object, then the total. */
export function formatPruneResult({ images, objects, cacheMounts, bytes }: PruneResult): string {
  const list = (heading: string, lines: readonly string[]) =>
    lines.length === 0 ? '' : `${heading}:\n${lines.map((line) => `${line}\n`).join('')}\n`;
  return [
    list(
      'Deleted Images',
      images.map((digest) => `deleted: ${digest}`),
    ),
    list('Deleted build cache objects', objects),
    cacheMounts.length === 0 ? '' : `Deleted cache mounts:\n${formatRemovedMounts(cacheMounts)}\n`,
    `Total reclaimed space: ${formatSize(bytes)}\n`,
  ].join('');
}

function readKeepStorage(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new MkimageError('usage', `read \`--keep-storage ${text}\`: invalid size`, {
    hint: 'e.g. `--keep-storage 10GB`',
  });
}
