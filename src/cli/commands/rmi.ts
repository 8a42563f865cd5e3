import type { RemoveResult } from '../../api/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { defineVerb } from '../verb.ts';

export const rmi = defineVerb({
  name: 'rmi',
  summary: 'remove images from the local store',
  operands: '<image> [<image>…]',
  completes: 'image',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    force: {
      alias: 'f',
      type: 'boolean',
      describe: 'force the removal of an image ID that several repositories refer to',
    },
    'no-prune': { type: 'boolean', describe: 'no effect, accepted for compatibility with Docker', hidden: true },
  },
  needsNamespace: () => 'reads-store',
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { RemovalStopped, removeImages } = await import('../../engine/images/rmi.ts');
    try {
      const removed = await removeImages(services, { images: operands, force: flags.force });
      terminal.stdout.write(formatRemoved(removed));
    } catch (error) {
      if (error instanceof RemovalStopped) terminal.stdout.write(formatRemoved(error.removed));
      throw error;
    }
    return EXIT_CODE.done;
  },
});

/** One line for each removed name and image, with Docker's wording. */
function formatRemoved({ untagged, deleted }: RemoveResult): string {
  return [...untagged.map((name) => `Untagged: ${name}\n`), ...deleted.map((id) => `Deleted: ${id}\n`)].join('');
}
