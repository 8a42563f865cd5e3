import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

/** Started by other verbs in the background. */
export const supervise = defineVerb({
  name: 'supervise',
  summary: 'monitor the containers of the store until none runs',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {},
  async run({ terminal }) {
    await using services = await openEngine(terminal);
    const { superviseContainers } = await import('../../../engine/containers/supervise.ts');
    await superviseContainers(services, terminal.signal);
    return EXIT_CODE.done;
  },
});
