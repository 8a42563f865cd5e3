import { createSocket } from 'node:dgram';
import { createServer, isIPv6 } from 'node:net';
import type { PortMap } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import type { PublishedBinding } from './records.ts';

type Place = Pick<PublishedBinding, 'port' | 'HostIp'>;

/** Chooses a port of the host for each binding, and checks that it is free. Throws `in-use`, `unsupported`. */
export async function choosePorts(
  asked: PortMap,
  taken: readonly PublishedBinding[],
): Promise<readonly PublishedBinding[]> {
  const chosen: PublishedBinding[] = [];
  for (const [port, bindings] of Object.entries(asked)) {
    for (const { HostIp, HostPort } of bindings ?? []) {
      if (isIPv6(HostIp))
        throw new MkimageError('unsupported', `publish port ${port} on ${HostIp}: only IPv4 addresses are supported`);
      const place = { port, HostIp: HostIp === '' ? '0.0.0.0' : HostIp };
      chosen.push({ ...place, HostPort: String(await chooseOne(place, HostPort, [...taken, ...chosen])) });
    }
  }
  return chosen;
}

async function chooseOne(place: Place, wanted: string, taken: readonly PublishedBinding[]): Promise<number> {
  const [first = '', last = first] = wanted.split('-');
  if (first === '' || first === '0') return chooseAny(place, taken);
  for (let number = Number(first); number <= Number(last); number++) {
    if (isTaken(place, number, taken)) continue;
    if ((await tryBind(place, number)) !== undefined) return number;
  }
  throw new MkimageError('in-use', `Bind for ${place.HostIp}:${wanted} failed: port is already allocated`);
}

async function chooseAny(place: Place, taken: readonly PublishedBinding[]): Promise<number> {
  for (let attempt = 0; attempt < 64; attempt++) {
    const number = await tryBind(place, 0);
    if (number !== undefined && !isTaken(place, number, taken)) return number;
  }
  throw new MkimageError('in-use', `Bind for ${place.HostIp}:0 failed: no port is free`);
}

function isTaken({ port, HostIp }: Place, number: number, taken: readonly PublishedBinding[]): boolean {
  return taken.some(
    (other) =>
      other.HostPort === String(number) &&
      other.port.split('/')[1] === port.split('/')[1] &&
      (other.HostIp === HostIp || other.HostIp === '0.0.0.0' || HostIp === '0.0.0.0'),
  );
}

/** Listens for a moment. Returns the port, undefined if it is in use. Throws `usage` for an address of another machine. */
function tryBind({ port, HostIp }: Place, number: number): Promise<number | undefined> {
  const refuse = (error: NodeJS.ErrnoException): MkimageError | undefined =>
    error.code === 'EADDRINUSE'
      ? undefined
      : new MkimageError('usage', `Bind for ${HostIp}:${number} failed: ${error.message}`, { cause: error });
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      const refused = refuse(error);
      if (refused === undefined) resolve(undefined);
      else reject(refused);
    };
    if (port.endsWith('/udp')) {
      const socket = createSocket('udp4').once('error', fail);
      socket.bind({ address: HostIp, port: number, exclusive: true }, () => {
        const bound = socket.address().port;
        socket.close(() => resolve(bound));
      });
      return;
    }
    const server = createServer().once('error', fail);
    server.listen({ host: HostIp, port: number, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/** As the Engine API has them. */
export function toPortMap(bindings: readonly PublishedBinding[]): PortMap {
  const map: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { port, HostIp, HostPort } of bindings) {
    map[port] ??= [];
    map[port].push({ HostIp, HostPort });
  }
  return map;
}
