import type { RemoveResult } from '../../api/index.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { defineVerb } from '../verb.ts';

export const rmi = defineVerb({
  name: 'rmi',
  summary: 'remove images from the local store',
  operands: '<image> [<image>…]',
  completes: 'image',
  least: 1,
  most: Number.POSITIVE_INFINITY,
  flags: {
    force: { alias: 'f', type: 'boolean', describe: 'remove an image by ID though several repositories name it' },
    'no-prune': { type: 'boolean', describe: 'accepted for Docker’s sake', hidden: true },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { RemovalStopped, removeImages } = await import('../../engine/images/rmi.ts');
    try {
      const removed = await removeImages(services, { images: operands, force: flags.force });
      terminal.stdout.write(removedText(removed));
    } catch (error) {
      if (error instanceof RemovalStopped) terminal.stdout.write(removedText(error.removed));
      throw error;
    }
    return EXIT_CODE.done;
  },
});

/** A line for each name and image that is gone, in Docker's words. */
function removedText({ untagged, deleted }: RemoveResult): string {
  return [...untagged.map((name) => `Untagged: ${name}\n`), ...deleted.map((id) => `Deleted: ${id}\n`)].join('');
}
