import type { VolumeDetails } from '../../../api/index.ts';
import { doEach } from '../../container-flags/do-each.ts';
import { readLabels } from '../../container-flags/files.ts';
import { readFilters } from '../../container-flags/read-filters.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { applyTemplate, formatWithTemplate } from '../../go-template/index.ts';
import { openEngine } from '../../open-engine.ts';
import { formatJsonLines, formatTable } from '../../text/table.ts';
import { formatSize } from '../../text/units.ts';
import { defineVerb } from '../../verb.ts';

export const volumeCreate = defineVerb({
  name: 'volume create',
  summary: 'create a volume',
  operands: '[<name>]',
  minOperands: 0,
  maxOperands: 1,
  flags: {
    driver: { alias: 'd', type: 'string', describe: 'driver: local' },
    label: { type: 'string', array: true, describe: 'set a label: NAME=VALUE' },
    name: { type: 'string', describe: 'name of the volume', hidden: true },
    opt: { alias: 'o', type: 'string', array: true, describe: 'options of the driver (none are supported)' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { createVolume } = await import('../../../engine/containers/volume-verbs.ts');
    const { Name } = await createVolume(services, {
      name: operands[0] ?? flags.name,
      driver: flags.driver,
      labels: readLabels([], flags.label, terminal),
      options: readLabels([], flags.opt, terminal),
    });
    terminal.stdout.write(`${Name}\n`);
    return EXIT_CODE.done;
  },
});

export const volumeLs = defineVerb({
  name: 'volume ls',
  summary: 'list volumes',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    filter: { alias: 'f', type: 'string', array: true, describe: 'filter: dangling, driver, label, name' },
    format: { type: 'string', describe: 'output format: `table`, `json` or a template' },
    quiet: { alias: 'q', type: 'boolean', describe: 'only show names' },
  },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { listVolumes } = await import('../../../engine/containers/volume-verbs.ts');
    const found = await listVolumes(services, { filters: readFilters(flags.filter) });
    terminal.stdout.write(
      flags.quiet ? found.map(({ Name }) => `${Name}\n`).join('') : formatVolumes(found, flags.format),
    );
    return EXIT_CODE.done;
  },
});

function formatVolumes(found: readonly VolumeDetails[], format: string | undefined): string {
  const rows = found.map(({ Labels, ...volume }) => ({
    ...volume,
    Labels: Object.entries(Labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
  }));
  if (format === 'json') return formatJsonLines(rows);
  if (format === undefined || format === 'table')
    return formatTable(
      ['DRIVER', 'VOLUME NAME'],
      found.map(({ Driver, Name }) => [Driver, Name]),
    );
  return formatWithTemplate(format, rows, { Name: 'VOLUME NAME' });
}

export const volumeInspect = defineVerb({
  name: 'volume inspect',
  summary: 'display detailed information on one or more volumes, as JSON',
  operands: '<volume> [<volume>…]',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: { format: { alias: 'f', type: 'string', describe: 'output format: `json` or a template' } },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { inspectVolume } = await import('../../../engine/containers/volume-verbs.ts');
    const found = await Promise.all(operands.map((name) => inspectVolume(services, name)));
    const { format } = flags;
    if (format === undefined || format === 'json')
      terminal.stdout.write(`${JSON.stringify(found, undefined, format === 'json' ? undefined : 4)}\n`);
    else for (const each of found) terminal.stdout.write(`${applyTemplate(format, each)}\n`);
    return EXIT_CODE.done;
  },
});

export const volumeRm = defineVerb({
  name: 'volume rm',
  summary: 'remove one or more volumes',
  operands: '<volume> [<volume>…]',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: { force: { alias: 'f', type: 'boolean', describe: 'do not fail if there is no such volume' } },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { removeVolume } = await import('../../../engine/containers/volume-verbs.ts');
    return await doEach(operands, terminal, (name) => removeVolume(services, { name, force: flags.force }));
  },
});

export const volumePrune = defineVerb({
  name: 'volume prune',
  summary: 'remove anonymous volumes that no container has',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    all: { alias: 'a', type: 'boolean', describe: 'named volumes too' },
    filter: { type: 'string', array: true, describe: 'filter: label=<label>, label!=<label>' },
    force: { alias: 'f', type: 'boolean', describe: 'no effect, because nothing is asked', hidden: true },
  },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { pruneVolumes } = await import('../../../engine/containers/volume-verbs.ts');
    const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(services, {
      all: flags.all,
      filters: readFilters(flags.filter),
    });
    if (VolumesDeleted.length > 0)
      terminal.stdout.write(`Deleted Volumes:\n${VolumesDeleted.map((name) => `${name}\n`).join('')}\n`);
    terminal.stdout.write(`Total reclaimed space: ${formatSize(SpaceReclaimed)}\n`);
    return EXIT_CODE.done;
  },
});
