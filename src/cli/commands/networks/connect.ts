import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { defineVerb } from '../../verb.ts';

export const networkConnect = defineVerb({
  name: 'network connect',
  summary: 'connect a container to a network',
  operands: '<network> <container>',
  minOperands: 2,
  maxOperands: 2,
  flags: {
    alias: { type: 'string', array: true, describe: 'another name of the container in the network' },
    ip: { type: 'string', describe: 'IPv4 address of the container in the network' },
  },
  async run({ flags, operands: [network = '', container = ''], terminal }) {
    await using services = await openEngine(terminal);
    const { connectNetwork } = await import('../../../engine/containers/networks/connect.ts');
    const settings = {
      Aliases: flags.alias,
      IPAMConfig: flags.ip === undefined ? null : { IPv4Address: flags.ip },
    };
    await connectNetwork(services, { network, container, settings });
    return EXIT_CODE.done;
  },
});

export const networkDisconnect = defineVerb({
  name: 'network disconnect',
  summary: 'take a container out of a network',
  operands: '<network> <container>',
  minOperands: 2,
  maxOperands: 2,
  flags: { force: { alias: 'f', type: 'boolean', describe: 'do not fail if the container is not in the network' } },
  async run({ flags, operands: [network = '', container = ''], terminal }) {
    await using services = await openEngine(terminal);
    const { disconnectNetwork } = await import('../../../engine/containers/networks/connect.ts');
    await disconnectNetwork(services, { network, container, force: flags.force });
    return EXIT_CODE.done;
  },
});
