import { join } from 'node:path';
import type {
  CreateNetworkRequest,
  ListNetworksRequest,
  NetworkDetails,
  NetworkRequest,
  PruneNetworksRequest,
  PruneNetworksResult,
  RemoveNetworkRequest,
} from '../../../api/index.ts';
import { formatTime, listRecords } from '../../../container/index.ts';
import { isMkimageError, MkimageError } from '../../../errors.ts';
import {
  createNetwork as create,
  DEFAULT_NETWORK,
  findNameServer,
  missingNameServer,
  removeNetwork as remove,
} from '../../../network/index.ts';
import { FOLDERS } from '../../folders.ts';
import type { Services } from '../../services.ts';
import { matchesLabels, matchesUntil, refuseUnknownFilters } from '../filters.ts';
import { ensureDefault, findNetwork, networkFolder, PREDEFINED, requireNetworks } from './find-network.ts';
import { describeNetwork, describePredefined } from './network-details.ts';
import { tellNetwork } from './tell-network.ts';

/** Creates a network. Throws `in-use` for a name that exists, `unsupported`, `usage`. */
export async function createNetwork(services: Services, request: CreateNetworkRequest): Promise<NetworkDetails> {
  const { name, driver = 'bridge', pools, internal, attachable, labels, options } = request;
  refuseImpossible(request, driver);
  await requireNetworks(services, 'create network');
  if (findNameServer() === undefined) throw missingNameServer();
  const folder = networkFolder(services);
  const [pool] = pools;
  const record = await create(folder, {
    name,
    created: formatTime(services.config.clock()),
    subnet: pool?.Subnet,
    gateway: pool?.Gateway,
    range: pool?.IPRange,
    internal,
    attachable,
    labels,
    options,
  });
  await tellNetwork(services, record, { action: 'create' });
  return describeNetwork(record, []);
}

function refuseImpossible({ name, pools, ipv6, options }: CreateNetworkRequest, driver: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
    throw new MkimageError('usage', `invalid network name \`${name}\``, {
      hint: 'only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
    });
  if ([...PREDEFINED, DEFAULT_NETWORK, 'default'].includes(name) || name.startsWith('container:'))
    throw new MkimageError('usage', `operation is not permitted on predefined ${name} network`);
  const refused = [
    [driver !== 'bridge' && driver !== '', `the driver ${driver}`],
    [ipv6, 'IPv6'],
    [pools.length > 1, 'more than one subnet'],
    [Object.keys(options).length > 0, `the option ${Object.keys(options)[0]}`],
  ] as const;
  const found = refused.find(([isAsked]) => isAsked);
  if (found !== undefined)
    throw new MkimageError('unsupported', `create network ${name}: ${found[1]} is not supported`);
}

/** Lists networks by name, with the predefined ones. Filters: dangling, driver, id, label, name, scope, type. */
export async function listNetworks(
  services: Services,
  { filters }: ListNetworksRequest,
): Promise<readonly NetworkDetails[]> {
  refuseUnknownFilters(filters, ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);
  const used = usedNetworks(services);
  const any = (key: string, fits: (value: string) => boolean) => filters[key] === undefined || filters[key].some(fits);
  const isCustom = ({ Name }: NetworkDetails) => ![...PREDEFINED, DEFAULT_NETWORK].includes(Name);
  return (await listAll(services)).filter(
    (network) =>
      matchesLabels(network.Labels, filters) &&
      any('name', (value) => network.Name.includes(value)) &&
      any('id', (value) => network.Id.startsWith(value)) &&
      any('driver', (value) => network.Driver === value) &&
      any('scope', (value) => network.Scope === value) &&
      any('type', (value) => (value === 'custom') === isCustom(network)) &&
      any(
        'dangling',
        (value) => (value === 'true' || value === '1') === (isCustom(network) && !used.has(network.Name)),
      ),
  );
}

async function listAll(services: Services): Promise<readonly NetworkDetails[]> {
  await ensureDefault(services);
  const folder = networkFolder(services);
  const attachments = folder.attachments();
  const own = folder.networks().map((record) => describeNetwork(record, attachments));
  return [...own, ...PREDEFINED.map(describePredefined)].sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** Throws `not-found`. */
export async function inspectNetwork(services: Services, { network }: NetworkRequest): Promise<NetworkDetails> {
  const predefined = PREDEFINED.map(describePredefined).find(({ Name, Id }) => Name === network || Id === network);
  if (predefined !== undefined) return predefined;
  const record = await findNetwork(services, network);
  return describeNetwork(record, networkFolder(services).attachments());
}

/** Throws `not-found`, and `in-use` while a running container is in it. */
export async function removeNetwork(services: Services, { network, force }: RemoveNetworkRequest): Promise<void> {
  if ([...PREDEFINED, DEFAULT_NETWORK].includes(network))
    throw new MkimageError('usage', `${network} is a pre-defined network and cannot be removed`);
  const record = await findNetwork(services, network).catch((error: unknown) => {
    if (force && isMkimageError(error, 'not-found')) return undefined;
    throw error;
  });
  if (record === undefined) return;
  if (record.name === DEFAULT_NETWORK)
    throw new MkimageError('usage', `${network} is a pre-defined network and cannot be removed`);
  await remove(networkFolder(services), record);
  await tellNetwork(services, record, { action: 'destroy' });
}

/** Removes networks that no container has, also no stopped one. */
export async function pruneNetworks(
  services: Services,
  { filters }: PruneNetworksRequest,
): Promise<PruneNetworksResult> {
  refuseUnknownFilters(filters, ['label', 'label!', 'until']);
  const used = usedNetworks(services);
  const deleted: string[] = [];
  for (const record of networkFolder(services).networks()) {
    const { name, labels, created } = record;
    if (name === DEFAULT_NETWORK || used.has(name) || !matchesLabels(labels, filters)) continue;
    if (!matchesUntil(created, filters, services.config.clock())) continue;
    await removeNetwork(services, { network: record.id, force: true });
    deleted.push(name);
  }
  return { NetworksDeleted: deleted };
}

/** Names of networks of all containers. */
function usedNetworks({ config }: Services): ReadonlySet<string> {
  const records = listRecords({ directory: join(config.root, FOLDERS.containers.path) });
  return new Set(records.flatMap(({ networks }) => Object.keys(networks)));
}
