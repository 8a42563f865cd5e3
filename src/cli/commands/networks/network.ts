import type { NetworkDetails } from '../../../api/index.ts';
import { doEach } from '../../container-flags/do-each.ts';
import { readLabels } from '../../container-flags/files.ts';
import { readFilters } from '../../container-flags/read-filters.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { applyTemplate, formatWithTemplate } from '../../go-template/index.ts';
import { openEngine } from '../../open-engine.ts';
import { formatJsonLines, formatTable } from '../../text/table.ts';
import { defineVerb } from '../../verb.ts';

export const networkCreate = defineVerb({
  name: 'network create',
  summary: 'create a network for containers',
  operands: '<name>',
  minOperands: 1,
  maxOperands: 1,
  flags: {
    attachable: { type: 'boolean', describe: 'no effect, accepted for compatibility with Docker', hidden: true },
    driver: { alias: 'd', type: 'string', describe: 'driver: bridge' },
    gateway: { type: 'string', describe: 'IPv4 address of this machine in the network' },
    internal: { type: 'boolean', describe: 'no way out of the network, and no published ports' },
    'ip-range': { type: 'string', describe: 'part of the subnet that addresses are taken from' },
    ipv6: { type: 'boolean', describe: 'not supported', hidden: true },
    label: { type: 'string', array: true, describe: 'set a label: NAME=VALUE' },
    opt: { alias: 'o', type: 'string', array: true, describe: 'options of the driver (none are supported)' },
    subnet: { type: 'string', describe: 'IPv4 subnet, e.g. 172.30.0.0/24 (default: a free one)' },
  },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { createNetwork } = await import('../../../engine/containers/networks/network-verbs.ts');
    const pool = {
      ...(flags.subnet !== undefined && { Subnet: flags.subnet }),
      ...(flags.gateway !== undefined && { Gateway: flags.gateway }),
      ...(flags['ip-range'] !== undefined && { IPRange: flags['ip-range'] }),
    };
    const { Id } = await createNetwork(services, {
      name: operands[0]!,
      driver: flags.driver,
      pools: Object.keys(pool).length > 0 ? [pool] : [],
      internal: flags.internal,
      attachable: flags.attachable,
      ipv6: flags.ipv6,
      labels: readLabels([], flags.label, terminal),
      options: readLabels([], flags.opt, terminal),
    });
    terminal.stdout.write(`${Id}\n`);
    return EXIT_CODE.done;
  },
});

export const networkLs = defineVerb({
  name: 'network ls',
  summary: 'list networks',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    filter: {
      alias: 'f',
      type: 'string',
      array: true,
      describe: 'filter: dangling, driver, id, label, name, scope, type',
    },
    format: { type: 'string', describe: 'output format: `table`, `json` or a template' },
    'no-trunc': { type: 'boolean', describe: 'show whole IDs' },
    quiet: { alias: 'q', type: 'boolean', describe: 'only show IDs' },
  },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { listNetworks } = await import('../../../engine/containers/networks/network-verbs.ts');
    const found = await listNetworks(services, { filters: readFilters(flags.filter) });
    const rows = found.map((network) => rowOf(network, flags['no-trunc']));
    terminal.stdout.write(flags.quiet ? rows.map(({ ID }) => `${ID}\n`).join('') : formatRows(rows, flags.format));
    return EXIT_CODE.done;
  },
});

type Row = Readonly<Record<'ID' | 'Name' | 'Driver' | 'Scope' | 'CreatedAt' | 'Internal' | 'IPv6' | 'Labels', string>>;

function rowOf(network: NetworkDetails, whole: boolean): Row {
  return {
    ID: whole ? network.Id : network.Id.slice(0, 12),
    Name: network.Name,
    Driver: network.Driver,
    Scope: network.Scope,
    CreatedAt: network.Created,
    Internal: String(network.Internal),
    IPv6: String(network.EnableIPv6),
    Labels: Object.entries(network.Labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
  };
}

function formatRows(rows: readonly Row[], format: string | undefined): string {
  if (format === 'json') return formatJsonLines(rows);
  if (format !== undefined && format !== 'table')
    return formatWithTemplate(format, rows, { ID: 'NETWORK ID', Name: 'NAME', Driver: 'DRIVER', Scope: 'SCOPE' });
  return formatTable(
    ['NETWORK ID', 'NAME', 'DRIVER', 'SCOPE'],
    rows.map(({ ID, Name, Driver, Scope }) => [ID, Name, Driver, Scope]),
  );
}

export const networkInspect = defineVerb({
  name: 'network inspect',
  summary: 'display detailed information on one or more networks, as JSON',
  operands: '<network> [<network>…]',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: { format: { alias: 'f', type: 'string', describe: 'output format: `json` or a template' } },
  async run({ flags: { format }, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { inspectNetwork } = await import('../../../engine/containers/networks/network-verbs.ts');
    const found = await Promise.all(operands.map((network) => inspectNetwork(services, { network })));
    if (format === undefined || format === 'json')
      terminal.stdout.write(`${JSON.stringify(found, undefined, format === 'json' ? undefined : 4)}\n`);
    else for (const each of found) terminal.stdout.write(`${applyTemplate(format, each)}\n`);
    return EXIT_CODE.done;
  },
});

export const networkRm = defineVerb({
  name: 'network rm',
  summary: 'remove one or more networks',
  operands: '<network> [<network>…]',
  minOperands: 1,
  maxOperands: Number.POSITIVE_INFINITY,
  flags: { force: { alias: 'f', type: 'boolean', describe: 'do not fail if there is no such network' } },
  async run({ flags, operands, terminal }) {
    await using services = await openEngine(terminal);
    const { removeNetwork } = await import('../../../engine/containers/networks/network-verbs.ts');
    return await doEach(operands, terminal, (network) => removeNetwork(services, { network, force: flags.force }));
  },
});

export const networkPrune = defineVerb({
  name: 'network prune',
  summary: 'remove all networks that no container has',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    filter: { type: 'string', array: true, describe: 'filter: until=<time>, label=<label>, label!=<label>' },
    force: { alias: 'f', type: 'boolean', describe: 'no effect, because nothing is asked', hidden: true },
  },
  async run({ flags, terminal }) {
    await using services = await openEngine(terminal);
    const { pruneNetworks } = await import('../../../engine/containers/networks/network-verbs.ts');
    const { NetworksDeleted } = await pruneNetworks(services, { filters: readFilters(flags.filter) });
    if (NetworksDeleted.length > 0)
      terminal.stdout.write(`Deleted Networks:\n${NetworksDeleted.map((name) => `${name}\n`).join('')}\n`);
    return EXIT_CODE.done;
  },
});
