import { MkimageError } from '../../errors.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { formatSize, parseDuration } from '../units.ts';
import { defineVerb } from '../verb.ts';

export const prune = defineVerb({
  name: 'prune',
  summary: 'remove dangling images and stale cache; named images stay',
  operands: '',
  least: 0,
  most: 0,
  flags: {
    all: { alias: 'a', type: 'boolean', describe: 'forget the whole build cache and every unpacked layer' },
    filter: { type: 'string', array: true, describe: 'until=24h: forget also what was not used for so long' },
    force: { alias: 'f', type: 'boolean', describe: 'accepted for Docker’s sake: nothing is asked', hidden: true },
  },
  async run({ flags, terminal }) {
    const unusedFor = readUntil(flags.filter);
    await using services = await openEngine(terminal);
    const { pruneStore } = await import('../../engine/prune.ts');
    const pruned = await pruneStore(services, { all: flags.all, unusedFor });
    const removed = [
      ...pruned.images.map((digest) => `Deleted: ${digest}\n`),
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
  throw new MkimageError('usage', `unknown filter \`${last}\``, { hint: 'e.g. `--filter until=24h`' });
}
