/** Interfaces: a bridge for each network, and a pair of ends for each container in it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { MkimageError } from '../errors.ts';
import { findHostProgram } from '../host/index.ts';
import { chooseSubnet, formatAddress, formatSubnet, macOf, overlaps, parseAddress, parseSubnet } from './addresses.ts';
import { passDockerFirewall } from './docker-firewall.ts';
import type { Endpoint, NetworkRecord } from './records.ts';
import { readRoutes } from './routes.ts';
import { bridgeOf } from './rules.ts';
import { runTool } from './tools.ts';

const ATTEMPTS = 8;

/** Returns the record, with another subnet if its own is in use on this machine by now. Throws `sandbox`, `in-use`. */
export async function ensureBridge(record: NetworkRecord, others: readonly NetworkRecord[]): Promise<NetworkRecord> {
  if (hasInterface(bridgeOf(record))) return record;
  let network = record;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (isFree(network)) {
      await makeBridge(network);
      if (isFree(network)) return network;
      await removeLinks([], [network]); // another process has made the same at the same time
    }
    if (network.isFixed) break;
    network = moveNetwork(network, others, attempt);
  }
  throw new MkimageError(
    'in-use',
    `connect to network ${record.name}: this machine has another route to a part of ${record.subnet}`,
    { hint: 'create the network with another `--subnet`' },
  );
}

/** /proc shows the network namespace of this process; /sys may be that of another. */
export function hasInterface(name: string): boolean {
  return readFileSync('/proc/net/dev', 'latin1')
    .split('\n')
    .some((line) => line.trimStart().startsWith(`${name}:`));
}

function isFree(network: NetworkRecord): boolean {
  const subnet = parseSubnet(network.subnet);
  return !readRoutes(bridgeOf(network)).some((route) => overlaps(route, subnet));
}

function moveNetwork(network: NetworkRecord, others: readonly NetworkRecord[], attempt: number): NetworkRecord {
  const taken = [...readRoutes(''), ...others.map(({ subnet }) => parseSubnet(subnet))];
  const subnet = chooseSubnet(taken, seedOf(network.id) + attempt * 7);
  return { ...network, subnet: formatSubnet(subnet), gateway: formatAddress(subnet.base + 1) };
}

/** Networks of different stores shall start their search at different places. */
export function seedOf(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16);
}

async function makeBridge(network: NetworkRecord): Promise<void> {
  const bridge = bridgeOf(network);
  const { prefix } = parseSubnet(network.subnet);
  await runIp(`create network ${network.name}`, [
    `link add ${bridge} address ${macOf(parseAddress(network.gateway) ?? 0)} type bridge`,
    `addr add ${network.gateway}/${prefix} dev ${bridge}`,
    `link set ${bridge} up`,
  ]);
  await passDockerFirewall();
  setKernel('net/ipv4/ip_forward', '1');
  setKernel(`net/ipv4/conf/${bridge}/route_localnet`, '1');
}

function setKernel(name: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/${name}`, value, { flag: 'r+' });
  } catch (cause) {
    throw new MkimageError('sandbox', `set the kernel parameter ${name} to ${value}: ${(cause as Error).message}`, {
      cause,
      hint: 'use `--network host`',
    });
  }
}

/** The end of a container on the host. */
function hostEndOf({ endpointId }: Pick<Endpoint, 'endpointId'>): string {
  return `mv-${endpointId.slice(0, 12)}`;
}

export interface Plug {
  readonly pid: number;
  readonly network: NetworkRecord;
  readonly endpoint: Endpoint;
  readonly isDefaultRoute: boolean;
}

/** Gives a process namespace an interface in a network. `configureInside` completes it. */
export async function plugIn({ pid, network, endpoint }: Plug): Promise<void> {
  const doing = `connect to network ${network.name}`;
  const end = hostEndOf(endpoint);
  await runIp(doing, [
    `link add ${end} type veth peer name ${endpoint.interface} address ${endpoint.mac} netns ${pid}`,
    `link set ${end} master ${bridgeOf(network)}`,
    // So that a container reaches itself at a port that it publishes.
    `link set ${end} type bridge_slave hairpin on`,
    `link set ${end} up`,
  ]);
}

/** Gives the interface its address and routes. */
export async function configureInside({ pid, network, endpoint, isDefaultRoute }: Plug): Promise<void> {
  await runIpIn(pid, `connect to network ${network.name}`, [
    `addr add ${endpoint.address}/${endpoint.prefix} dev ${endpoint.interface}`,
    `link set ${endpoint.interface} up`,
    ...(isDefaultRoute ? [`route add default via ${network.gateway}`] : []),
  ]);
}

/** Sends what has no other route through a network. */
export async function routeThrough(pid: number, { network, gateway }: Endpoint): Promise<void> {
  await runIpIn(pid, `use the gateway of network ${network}`, [`route replace default via ${gateway}`]);
}

/** Removes ends of containers, whose other ends go with them, and bridges. They may be gone already. */
export async function removeLinks(
  endpoints: readonly Pick<Endpoint, 'endpointId'>[],
  networks: readonly NetworkRecord[],
): Promise<void> {
  const names = [...endpoints.map(hostEndOf), ...networks.map(bridgeOf)].filter(hasInterface);
  if (names.length === 0) return;
  const lines = names.map((name) => `link del ${name}\n`).join('');
  await runTool('remove interfaces', ['ip', '-force', '-batch', '-'], lines).catch(() => {}); // gone with its namespace meanwhile
}

async function runIp(doing: string, lines: readonly string[]): Promise<void> {
  await runTool(doing, ['ip', '-batch', '-'], `${lines.join('\n')}\n`);
}

async function runIpIn(pid: number, doing: string, lines: readonly string[]): Promise<void> {
  const ip = findHostProgram('ip') ?? 'ip';
  await runTool(doing, ['nsenter', '-t', String(pid), '-n', ip, '-batch', '-'], `${lines.join('\n')}\n`);
}
