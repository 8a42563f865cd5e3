import { listContainers } from '../../../engine/containers/list.ts';
import { listVolumes } from '../../../engine/containers/volume-verbs.ts';
import { checkLogin } from '../../../engine/images/login.ts';
import { diskUsage } from '../../../engine/state/du.ts';
import { takeMembers } from '../bodies/shape.ts';
import { callOf } from '../http/call.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpFailure } from '../http/failure.ts';
import type { RouteTable } from '../http/router.ts';
import type { Daemon } from '../shared.ts';
import { summarizeImages } from './images/image-rows.ts';

async function sendUsage(exchange: Exchange, { services }: Daemon): Promise<void> {
  const containers = await listContainers(services, { all: true, filters: {}, size: true });
  const { lines } = await diskUsage(services);
  const bytesOf = (kind: string) => lines.find((line) => line.kind === kind)?.bytes ?? 0;
  const volumes = await listVolumes(services, { filters: {} });
  const users = (name: string) => containers.filter(({ Mounts }) => Mounts.some(({ Name }) => Name === name)).length;
  const images = await summarizeImages(services, {}, exchange.minor);
  const cache = bytesOf('build-cache');
  exchange.sendJson(200, {
    LayersSize: images.reduce((sum, { Size }) => sum + Size, 0),
    Images: images.map((row) => ({
      ...row,
      SharedSize: 0,
      Containers: containers.filter(({ ImageID }) => ImageID === row.Id).length,
    })),
    Containers: containers,
    Volumes: volumes.map((volume) => ({ ...volume, UsageData: { Size: -1, RefCount: users(volume.Name) } })),
    BuildCache: cache === 0 ? [] : [describeCache(cache, services.config.now())],
    BuilderSize: cache,
  });
}

/** The build cache is one row: its records share their layers. */
function describeCache(bytes: number, now: string): object {
  return {
    ID: 'build-cache',
    Type: 'regular',
    Description: 'results of steps',
    InUse: false,
    Shared: false,
    Size: bytes,
    CreatedAt: now,
    LastUsedAt: null,
    UsageCount: 0,
  };
}

async function authenticate(exchange: Exchange, { services }: Daemon): Promise<void> {
  const shape = { username: 'text', password: 'text', serveraddress: 'text', identitytoken: 'text' } as const;
  const { username = '', password = '', serveraddress } = takeMembers(await exchange.readJson(), shape, 'the login');
  if (username === '') throw new HttpFailure(400, 'a login needs a user name and a password');
  const server = serveraddress === undefined || serveraddress === '' ? undefined : String(serveraddress);
  const call = { ...callOf(exchange), password: String(password) };
  const accepted = await checkLogin(services, { server, username: String(username) }, call);
  exchange.sendJson(200, { Status: 'Login Succeeded', IdentityToken: accepted.identityToken ?? '' });
}

export const STORE_ROUTES: RouteTable<Daemon> = {
  'GET /system/df': sendUsage,
  'POST /auth': authenticate,
};
