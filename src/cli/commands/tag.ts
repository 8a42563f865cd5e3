import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { defineVerb } from '../verb.ts';

export const tag = defineVerb({
  name: 'tag',
  summary: 'add names to an image',
  operands: '<image> <name> [<name>…]',
  completes: 'image',
  minOperands: 2,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {},
  async run({ operands, terminal }) {
    const [source = '', ...names] = operands;
    await using services = await openEngine(terminal);
    const { tagImage } = await import('../../engine/images/tag.ts');
    await tagImage(services, { source, names });
    return EXIT_CODE.done;
  },
});
