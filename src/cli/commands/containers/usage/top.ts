import { EXIT_CODE } from '../../../exit-code.ts';
import { openEngine } from '../../../open-engine.ts';
import { formatTable } from '../../../text/table.ts';
import { defineVerb } from '../../../verb.ts';

export const top = defineVerb({
  name: 'top',
  summary: 'list the processes of a container',
  operands: '<container> [<argument of ps>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  endsAtOperand: true,
  flags: {},
  examples: [['mkimage top web -o pid,rss,args', 'show process IDs, memory and command lines']],
  async run({ operands, terminal }) {
    const [container = '', ...args] = operands;
    await using services = await openEngine(terminal);
    const { topContainer } = await import('../../../../engine/containers/usage/top.ts');
    const { Titles, Processes } = await topContainer(services, { container, arguments: args });
    terminal.stdout.write(formatTable(Titles, Processes));
    return EXIT_CODE.done;
  },
});
