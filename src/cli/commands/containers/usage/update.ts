import { readRestartPolicy } from '../../../../docker-syntax/index.ts';
import { MkimageError } from '../../../../errors.ts';
import { CREATE_FLAGS } from '../../../container-flags/create-flags.ts';
import { doEach } from '../../../container-flags/do-each.ts';
import { readResources } from '../../../container-flags/read-resources.ts';
import { openEngine } from '../../../open-engine.ts';
import { defineVerb } from '../../../verb.ts';

export const update = defineVerb({
  name: 'update',
  summary: 'change the limits and the restart policy of one or more containers',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    'blkio-weight': CREATE_FLAGS['blkio-weight'],
    'cpu-period': CREATE_FLAGS['cpu-period'],
    'cpu-quota': CREATE_FLAGS['cpu-quota'],
    'cpu-shares': CREATE_FLAGS['cpu-shares'],
    cpus: CREATE_FLAGS.cpus,
    'cpuset-cpus': CREATE_FLAGS['cpuset-cpus'],
    'cpuset-mems': CREATE_FLAGS['cpuset-mems'],
    memory: CREATE_FLAGS.memory,
    'memory-reservation': CREATE_FLAGS['memory-reservation'],
    'memory-swap': CREATE_FLAGS['memory-swap'],
    'pids-limit': CREATE_FLAGS['pids-limit'],
    restart: CREATE_FLAGS.restart,
  },
  examples: [
    ['mkimage update --memory 512m --memory-swap 1g web', 'change the memory that a container may use'],
    ['mkimage update --restart unless-stopped web', 'change the restart policy'],
  ],
  async run({ flags, operands, terminal }) {
    const resources = readResources(flags);
    const restartPolicy = flags.restart === undefined ? undefined : readRestartPolicy(flags.restart);
    if (Object.keys(resources).length === 0 && restartPolicy === undefined)
      throw new MkimageError('usage', 'you must provide one or more flags when using this command');
    await using services = await openEngine(terminal);
    const { updateContainer } = await import('../../../../engine/containers/usage/update.ts');
    return await doEach(operands, terminal, async (container) => {
      const { warnings } = await updateContainer(services, { container, resources, restartPolicy });
      for (const warning of warnings) terminal.stderr.write(`WARNING: ${warning}\n`);
    });
  },
});
