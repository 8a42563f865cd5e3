import { doEach } from '../../container-flags/do-each.ts';
import { readFilters } from '../../container-flags/read-filters.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { formatSize } from '../../text/units.ts';
import { defineVerb } from '../../verb.ts';

export const rm = defineVerb({
  name: 'rm',
  summary: 'remove one or more containers',
  operands: '<container> [<container>…]',
  completes: 'container',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: {
    force: { alias: 'f', type: 'boolean', describe: 'kill running containers' },
    link: { alias: 'l', type: 'boolean', describe: 'no effect, accepted for compatibility with Docker', hidden: true },
    volumes: { alias: 'v', type: 'boolean', describe: 'remove the anonymous volumes of the containers' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { removeContainer } = await import('../../../engine/containers/remove.ts');
    return await doEach(operands, terminal, (container) => removeContainer(services, { container, ...flags }));
  },
});

export const containerPrune = defineVerb({
  name: 'container prune',
  summary: 'remove all containers that do not run',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    filter: { type: 'string', array: true, describe: 'filter: until=<time>, label=<label>, label!=<label>' },
    force: { alias: 'f', type: 'boolean', describe: 'no effect, because nothing is asked', hidden: true },
  },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { pruneContainers } = await import('../../../engine/containers/remove.ts');
    const { ContainersDeleted, SpaceReclaimed } = await pruneContainers(services, {
      filters: readFilters(flags.filter),
    });
    if (ContainersDeleted.length > 0)
      terminal.stdout.write(`Deleted Containers:\n${ContainersDeleted.map((id) => `${id}\n`).join('')}\n`);
    terminal.stdout.write(`Total reclaimed space: ${formatSize(SpaceReclaimed)}\n`);
    return EXIT_CODE.done;
  },
});
