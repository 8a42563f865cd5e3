import type { CreateVolumeRequest } from '../../../api/index.ts';
import {
  createVolume,
  inspectVolume,
  listVolumes,
  pruneVolumes,
  removeVolume,
} from '../../../engine/containers/volume-verbs.ts';
import { takeMembers } from '../bodies/shape.ts';
import type { Exchange } from '../http/exchange.ts';
import { readBoolean, readFilters } from '../http/query.ts';
import type { RouteTable } from '../http/router.ts';
import type { Daemon } from '../shared.ts';

async function list(exchange: Exchange, { services }: Daemon): Promise<void> {
  const volumes = await listVolumes(services, { filters: readFilters(exchange.query) });
  exchange.sendJson(200, { Volumes: volumes, Warnings: null });
}

async function create(exchange: Exchange, { services }: Daemon): Promise<void> {
  const shape = { Name: 'text', Driver: 'text', DriverOpts: 'texts', Labels: 'texts' } as const;
  const { Name, Driver, DriverOpts = {}, Labels = {} } = takeMembers(await exchange.readJson(), shape, 'the volume');
  const request = { name: Name || undefined, driver: Driver || undefined, labels: Labels, options: DriverOpts };
  exchange.sendJson(201, await createVolume(services, request as CreateVolumeRequest));
}

async function remove(exchange: Exchange, { services }: Daemon): Promise<void> {
  await removeVolume(services, { name: exchange.parameters[0]!, force: readBoolean(exchange.query, 'force') });
  exchange.sendEmpty(204);
}

/** From this version on only anonymous volumes are removed, unless all are asked for. */
const ANONYMOUS_ONLY = 42;

async function prune(exchange: Exchange, { services }: Daemon): Promise<void> {
  const filters = readFilters(exchange.query);
  const isAll = (filters.all ?? []).some((each) => each === 'true' || each === '1');
  const request = { all: isAll || exchange.minor < ANONYMOUS_ONLY, filters };
  exchange.sendJson(200, await pruneVolumes(services, request));
}

export const VOLUME_ROUTES: RouteTable<Daemon> = {
  'GET /volumes': list,
  'POST /volumes/create': create,
  'POST /volumes/prune': prune,
  'GET /volumes/*': async (exchange, { services }) =>
    exchange.sendJson(200, await inspectVolume(services, exchange.parameters[0]!)),
  'DELETE /volumes/*': remove,
};
