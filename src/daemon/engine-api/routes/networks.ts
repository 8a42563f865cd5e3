import type { AddressPool, CreateNetworkRequest } from '../../../api/index.ts';
import { connectNetwork, disconnectNetwork } from '../../../engine/containers/networks/connect.ts';
import {
  createNetwork,
  inspectNetwork,
  listNetworks,
  pruneNetworks,
  removeNetwork,
} from '../../../engine/containers/networks/network-verbs.ts';
import { readEndpoint } from '../bodies/create-container.ts';
import { takeMembers } from '../bodies/shape.ts';
import type { Exchange } from '../http/exchange.ts';
import { readFilters } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import type { Daemon } from '../shared.ts';

const SHAPE = {
  Name: 'text',
  Driver: 'text',
  Internal: 'flag',
  Attachable: 'flag',
  EnableIPv6: 'flag',
  IPAM: 'object',
  Options: 'texts',
  Labels: 'texts',
} as const;

async function create(exchange: Exchange, { services }: Daemon): Promise<void> {
  const body = takeMembers(await exchange.readJson(), SHAPE, 'the network');
  const { Config = [] } = takeMembers(body.IPAM, { Config: 'list' }, 'IPAM');
  const pool = { Subnet: 'text', IPRange: 'text', Gateway: 'text' } as const;
  const pools = (Config as readonly unknown[]).map((each) => takeMembers(each, pool, 'IPAM.Config') as AddressPool);
  const request: CreateNetworkRequest = {
    name: String(body.Name ?? ''),
    driver: body.Driver === undefined || body.Driver === '' ? undefined : String(body.Driver),
    pools: pools.filter((each) => Object.keys(each).length > 0),
    internal: body.Internal === true,
    attachable: body.Attachable === true,
    ipv6: body.EnableIPv6 === true,
    labels: (body.Labels ?? {}) as CreateNetworkRequest['labels'],
    options: (body.Options ?? {}) as CreateNetworkRequest['options'],
  };
  const { Id } = await createNetwork(services, request);
  exchange.sendJson(201, { Id, Warning: '' });
}

async function connect(exchange: Exchange, { services }: Daemon): Promise<void> {
  const shape = { Container: 'text', EndpointConfig: 'object' } as const;
  const { Container = '', EndpointConfig } = takeMembers(await exchange.readJson(), shape, 'the request');
  const settings = readEndpoint(EndpointConfig);
  const network = exchange.parameters[0]!;
  await connectNetwork(services, { network, container: String(Container), settings });
  exchange.sendEmpty(200);
}

async function disconnect(exchange: Exchange, { services }: Daemon): Promise<void> {
  const shape = { Container: 'text', Force: 'flag' } as const;
  const { Container = '', Force } = takeMembers(await exchange.readJson(), shape, 'the request');
  const network = exchange.parameters[0]!;
  await disconnectNetwork(services, { network, container: String(Container), force: Force === true });
  exchange.sendEmpty(200);
}

async function remove(exchange: Exchange, { services }: Daemon): Promise<void> {
  await removeNetwork(services, { network: exchange.parameters[0]!, force: false });
  exchange.sendEmpty(204);
}

export const NETWORK_ROUTES: RouteTable<Daemon> = {
  'GET /networks': async (exchange, { services }) =>
    exchange.sendJson(200, await listNetworks(services, { filters: readFilters(exchange.query) })),
  'POST /networks/create': create,
  'POST /networks/prune': async (exchange, { services }) =>
    exchange.sendJson(200, await pruneNetworks(services, { filters: readFilters(exchange.query) })),
  'GET /networks/*': async (exchange, { services }) =>
    exchange.sendJson(200, await inspectNetwork(services, { network: exchange.parameters[0]! })),
  'DELETE /networks/*': remove,
  'POST /networks/*/connect': connect,
  'POST /networks/*/disconnect': disconnect,
};
