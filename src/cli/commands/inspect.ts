import { EXIT_CODE } from '../exit-code.ts';
import { openEngine } from '../open-engine.ts';
import { defineVerb } from '../verb.ts';

export const inspect = defineVerb({
  name: 'inspect',
  summary: 'display detailed information on one or more images, as JSON',
  operands: '<image> [<image>…]',
  completes: 'image',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    format: { alias: 'f', type: 'string', choices: ['json'], describe: 'output format: JSON on one line' },
    type: { type: 'string', choices: ['image'], describe: 'kind of object', hidden: true },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { inspectImages } = await import('../../engine/images/inspect.ts');
    const found = await inspectImages(services, { images: operands });
    terminal.stdout.write(`${JSON.stringify(found, undefined, flags.format === 'json' ? undefined : 4)}\n`);
    return EXIT_CODE.done;
  },
});
