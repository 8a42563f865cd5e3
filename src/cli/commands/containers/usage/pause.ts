import { doEach } from '../../../container-flags/do-each.ts';
import { openEngine } from '../../../open-engine.ts';
import { defineVerb } from '../../../verb.ts';

export const pause = defineVerb({
  name: 'pause',
  summary: 'stop all processes of one or more containers where they are',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {},
  async run({ operands, terminal }) {
    await using services = await openEngine(terminal);
    const { pauseContainer } = await import('../../../../engine/containers/usage/pause.ts');
    return await doEach(operands, terminal, (container) => pauseContainer(services, { container }));
  },
});

export const unpause = defineVerb({
  name: 'unpause',
  summary: 'let the processes of one or more paused containers continue',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {},
  async run({ operands, terminal }) {
    await using services = await openEngine(terminal);
    const { unpauseContainer } = await import('../../../../engine/containers/usage/pause.ts');
    return await doEach(operands, terminal, (container) => unpauseContainer(services, { container }));
  },
});
