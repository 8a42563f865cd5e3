import { MkimageError } from '../../errors.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { formatSize, parseDuration } from '../units.ts';
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
    filter: { type: 'string', array: true, describe: 'until=24h: forget also what was not used for so long' },
    force: { alias: 'f', type: 'boolean', describe: 'accepted for Docker’s sake: nothing is asked', hidden: true },
  },
  async run({ flags, terminal }) {
    const unusedFor = readUntil(flags.filter);
    const cacheMounts = flags['cache-mounts'];
    await using services = await openEngine(terminal);
    const { pruneStore } = await import('../../engine/prune.ts');
    const pruned = await pruneStore(services, { all: flags.all, unusedFor, cacheMounts });
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
