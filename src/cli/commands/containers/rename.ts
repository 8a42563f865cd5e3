import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const rename = defineVerb({
  name: 'rename',
  summary: 'give a container another name',
  operands: '<container> <name>',
  completes: 'container',
  minOperands: 2,
  maxOperands: 2,
  flags: {},
  async run({ operands, terminal }) {
    await using services = await openEngine(terminal);
    const { renameContainer } = await import('../../../engine/containers/rename.ts');
    await renameContainer(services, { container: operands[0]!, name: operands[1]! });
    return EXIT_CODE.done;
  },
});
