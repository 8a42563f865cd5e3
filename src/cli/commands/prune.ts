import { MkimageError } from '../../errors.ts';
import { parseSize } from '../../notation/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { formatSize, parseDuration } from '../text/units.ts';
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
    filter: { type: 'string', array: true, describe: 'until=24h: forget also what was not used for so long' },
    force: { alias: 'f', type: 'boolean', describe: 'accepted for Docker’s sake: nothing is asked', hidden: true },
  },
  async run({ flags, terminal }) {
    const unusedFor = readUntil(flags.filter);
    const cacheMounts = flags['cache-mounts'];
    const keepStorage = readKeepStorage(flags['keep-storage']);
    await using services = await openEngine(terminal);
    const { pruneStore } = await import('../../engine/state/prune.ts');
    const pruned = await pruneStore(services, { all: flags.all, unusedFor, cacheMounts, keepStorage });
    const removed = [
      ...pruned.images.map((digest) => `Deleted: ${digest}\n`),
      removedMountsText(pruned.cacheMounts),
      `Cache records: ${pruned.cacheRecords}, blobs: ${pruned.blobs}\n`,
      `Total reclaimed space: ${formatSize(pruned.bytes)}\n`,
    ];
    terminal.stdout.write(removed.join(''));
    return EXIT_CODE.done;
  },
});

function readKeepStorage(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new MkimageError('usage', `read --keep-storage: \`${text}\` is no size`, {
    hint: 'e.g. `--keep-storage 10GB`',
  });
}

/** The seconds of the last `until=…`. */
function readUntil(filters: readonly string[]): number | undefined {
  const last = filters.at(-1);
  if (last === undefined) return undefined;
  const seconds = last.startsWith('until=') ? parseDuration(last.slice('until='.length)) : undefined;
  if (seconds !== undefined) return seconds;
  const hint =
    last === 'type=exec.cachemount' ? 'for cache mounts there is `--cache-mounts`' : 'e.g. `--filter until=24h`';
  throw new MkimageError('usage', `unknown filter \`${last}\``, { hint });
}
