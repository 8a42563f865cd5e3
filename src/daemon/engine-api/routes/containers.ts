import { createContainer } from '../../../engine/containers/create.ts';
import { inspectContainer } from '../../../engine/containers/inspect.ts';
import { listContainers } from '../../../engine/containers/list.ts';
import { pruneContainers, removeContainer } from '../../../engine/containers/remove.ts';
import { renameContainer } from '../../../engine/containers/rename.ts';
import { readCreateContainer } from '../bodies/create-container.ts';
import { callOf } from '../http/call.ts';
import type { Exchange } from '../http/exchange.ts';
import { readBoolean, readFilters, readInteger } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import type { Daemon } from '../shared.ts';

async function create(exchange: Exchange, { services }: Daemon): Promise<void> {
  const warnings: string[] = [];
  const request = await readCreateContainer(exchange);
  const call = callOf(exchange, (message) => warnings.push(message));
  const result = await createContainer(services, request, call);
  exchange.sendJson(201, { Id: result.id, Warnings: [...result.warnings, ...warnings] });
}

async function list(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query } = exchange;
  const request = {
    all: readBoolean(query, 'all'),
    size: readBoolean(query, 'size'),
    limit: readInteger(query, 'limit'),
    filters: readFilters(query),
  };
  exchange.sendJson(200, await listContainers(services, request));
}

async function inspect(exchange: Exchange, { services }: Daemon): Promise<void> {
  const size = readBoolean(exchange.query, 'size');
  exchange.sendJson(200, await inspectContainer(services, exchange.parameters[0]!, { size }));
}

async function remove(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, parameters } = exchange;
  const flags = { force: readBoolean(query, 'force'), volumes: readBoolean(query, 'v') };
  await removeContainer(services, { container: parameters[0]!, ...flags });
  exchange.sendEmpty(204);
}

async function rename(exchange: Exchange, { services }: Daemon): Promise<void> {
  const { query, parameters } = exchange;
  await renameContainer(services, { container: parameters[0]!, name: query.get('name') ?? '' });
  exchange.sendEmpty(204);
}

async function prune(exchange: Exchange, { services }: Daemon): Promise<void> {
  exchange.sendJson(200, await pruneContainers(services, { filters: readFilters(exchange.query) }));
}

export const CONTAINER_ROUTES: RouteTable<Daemon> = {
  'POST /containers/create': create,
  'POST /containers/prune': prune,
  'GET /containers/json': list,
  'GET /containers/*/json': inspect,
  'DELETE /containers/*': remove,
  'POST /containers/*/rename': rename,
};
