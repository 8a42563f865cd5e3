import { createHash, randomBytes } from 'node:crypto';
import type { EndpointSettings, PortMap } from '../api/index.ts';
import { MkimageError } from '../errors.ts';
import { ownerOf } from '../host/index.ts';
import { chooseAddress, contains, formatAddress, macOf, parseAddress, parseSubnet } from './addresses.ts';
import { configureInside, ensureBridge, hasInterface, type Plug, plugIn, removeLinks, routeThrough } from './links.ts';
import { formatNames, serveNames } from './names.ts';
import { choosePorts } from './ports.ts';
import type { Attachment, Endpoint, NetworkFolder, NetworkRecord } from './records.ts';
import { bridgeOf, formatRules } from './rules.ts';
import { runTool } from './tools.ts';

/** The network that containers are in if they ask for no other. It has no names, as Docker's. */
export const DEFAULT_NETWORK = 'bridge';

export interface AttachRequest {
  readonly container: string;
  readonly name: string;
  /** A process in the network namespace of the container. */
  readonly pid: number;
  /** The first of them gives the default route. */
  readonly networks: readonly { readonly network: NetworkRecord; readonly settings: EndpointSettings }[];
  readonly ports: PortMap;
  readonly dns: readonly string[];
}

/** Connects a starting container to its networks and publishes its ports. Throws `in-use`, `sandbox`, `usage`; then it is in none. */
export function attach(folder: NetworkFolder, request: AttachRequest): Promise<Attachment> {
  return folder.hold(async () => {
    const others = folder.attachments().filter(({ container }) => container !== request.container);
    const ports = await choosePorts(
      request.ports,
      others.flatMap((other) => other.ports),
    );
    const { container, name, pid, dns } = request;
    let attachment: Attachment = { container, name, pid, process: ownerOf(pid), endpoints: [], ports, dns };
    try {
      const plugs: Plug[] = [];
      for (const { network, settings } of request.networks) {
        const joined = await join({ folder, attachment, others, network, settings });
        attachment = joined.attachment;
        plugs.push(joined.plug);
      }
      await Promise.all([synchronize(folder), ...plugs.map(configureInside)]);
      return attachment;
    } catch (error) {
      await leave(folder, attachment);
      throw error;
    }
  });
}

interface Joining {
  readonly folder: NetworkFolder;
  readonly attachment: Attachment;
  readonly others: readonly Attachment[];
  readonly network: NetworkRecord;
  readonly settings: EndpointSettings;
}

interface Joined {
  readonly attachment: Attachment;
  /** To be configured. */
  readonly plug: Plug;
}

async function join({ folder, attachment, others, network: asked, settings }: Joining): Promise<Joined> {
  const all = folder.networks();
  const stored = all.find(({ id }) => id === asked.id);
  if (stored === undefined) throw new MkimageError('not-found', `network ${asked.name} not found`);
  const network = await ensureBridge(
    stored,
    all.filter(({ id }) => id !== stored.id),
  );
  if (network !== stored) folder.writeNetwork(network);
  const endpoint = makeEndpoint({ attachment, others, network, settings });
  const joined = { ...attachment, endpoints: [...attachment.endpoints, endpoint] };
  folder.writeAttachment(joined);
  const isDefaultRoute = !network.internal && attachment.endpoints.every(({ gateway }) => gateway === '');
  const plug = { pid: attachment.pid, network, endpoint, isDefaultRoute };
  await plugIn(plug);
  return { attachment: joined, plug };
}

function makeEndpoint({ attachment, others, network, settings }: Omit<Joining, 'folder'>): Endpoint {
  const taken = others.flatMap(({ endpoints }) => endpoints.filter(({ networkId }) => networkId === network.id));
  const address = takeAddress(network, settings, taken);
  const isNamed = network.name !== DEFAULT_NETWORK;
  return {
    network: network.name,
    networkId: network.id,
    endpointId: randomBytes(32).toString('hex'),
    address: formatAddress(address),
    prefix: parseSubnet(network.subnet).prefix,
    gateway: network.internal ? '' : network.gateway,
    mac: macOf(address),
    interface: freeInterface(attachment),
    aliases: isNamed ? [...new Set([...(settings.Aliases ?? []), attachment.container.slice(0, 12)])] : [],
    ...(isNamed && { nameServer: network.gateway }),
  };
}

function freeInterface({ endpoints }: Attachment): string {
  const used = new Set(endpoints.map((endpoint) => endpoint.interface));
  let number = 0;
  while (used.has(`eth${number}`)) number++;
  return `eth${number}`;
}

function takeAddress(network: NetworkRecord, settings: EndpointSettings, others: readonly Endpoint[]): number {
  const subnet = parseSubnet(network.subnet);
  const used = others.map(({ address }) => parseAddress(address) ?? 0);
  const taken = new Set([parseAddress(network.gateway) ?? 0, ...used]);
  const asked = settings.IPAMConfig?.IPv4Address;
  if (asked === undefined || asked === '') {
    const range = network.range === undefined ? subnet : parseSubnet(network.range);
    const free = chooseAddress({ subnet, range, taken }, 0);
    if (free !== undefined) return free;
    throw new MkimageError('in-use', `no available IPv4 addresses on this network's address pools: ${network.name}`);
  }
  const address = parseAddress(asked);
  if (address === undefined) throw new MkimageError('usage', `invalid IPv4 address: ${asked}`);
  if (!contains(subnet, address))
    throw new MkimageError('usage', `no configured subnet contains IP address ${asked} in network ${network.name}`);
  if (taken.has(address)) throw new MkimageError('in-use', 'Address already in use');
  return address;
}

/** Connects a running container to one more network. */
export function attachMore(
  folder: NetworkFolder,
  container: string,
  { network, settings }: AttachRequest['networks'][number],
): Promise<Attachment> {
  return folder.hold(async () => {
    const all = folder.attachments();
    const attachment = all.find((each) => each.container === container);
    if (attachment === undefined) throw new MkimageError('in-use', `container ${container} is in no network`);
    const others = all.filter((each) => each !== attachment);
    try {
      const joined = await join({ folder, attachment, others, network, settings });
      await Promise.all([synchronize(folder), configureInside(joined.plug)]);
      return joined.attachment;
    } catch (error) {
      folder.writeAttachment(attachment);
      throw error;
    }
  });
}

/** Takes a running container out of one network. */
export function detachOne(folder: NetworkFolder, container: string, network: string): Promise<Attachment | undefined> {
  return folder.hold(async () => {
    const attachment = folder.attachments().find((each) => each.container === container);
    if (attachment === undefined) return undefined;
    const gone = attachment.endpoints.filter(({ networkId }) => networkId === network);
    const left = { ...attachment, endpoints: attachment.endpoints.filter((each) => !gone.includes(each)) };
    folder.writeAttachment(left);
    await synchronize(folder, gone);
    const way = left.endpoints.find(({ gateway }) => gateway !== '');
    if (way !== undefined) await routeThrough(attachment.pid, way);
    return left;
  });
}

type GoneEndpoint = Pick<Endpoint, 'endpointId'>;

/** Takes an ended container out of all networks; its ports are free then. */
export function detach(folder: NetworkFolder, container: string, endpoints: readonly GoneEndpoint[]): Promise<void> {
  return folder.hold(() => leave(folder, { container, endpoints }));
}

async function leave(
  folder: NetworkFolder,
  { container, endpoints }: { readonly container: string; readonly endpoints: readonly GoneEndpoint[] },
): Promise<void> {
  folder.forgetAttachment(container);
  await synchronize(folder, endpoints);
}

/** Gives a container another name in its networks. */
export function renameAttached(folder: NetworkFolder, container: string, name: string): Promise<void> {
  return folder.hold(async () => {
    const attachment = folder.attachments().find((each) => each.container === container);
    if (attachment === undefined) return;
    folder.writeAttachment({ ...attachment, name });
    await synchronize(folder);
  });
}

/** Makes the packet filter, the names and the bridges of this machine agree with the records of running containers. */
async function synchronize(folder: NetworkFolder, gone: readonly GoneEndpoint[] = []): Promise<void> {
  const attachments = folder.attachments();
  const used = new Set(attachments.flatMap(({ endpoints }) => endpoints.map(({ networkId }) => networkId)));
  const present = folder.networks().filter((network) => hasInterface(bridgeOf(network)));
  const networks = present.filter(({ id }) => used.has(id));
  const unused = present.filter(({ id }) => !used.has(id));
  const rules = formatRules({ table: tableOf(folder), networks, attachments });
  await Promise.all([
    runTool('set rules of networks', ['nft', '-f', '-'], rules),
    serveNames(folder.path, formatNames(networks, attachments)),
    removeLinks(gone, unused),
  ]);
}

/** Stores do not touch the rules of other stores. */
function tableOf({ path }: NetworkFolder): string {
  return `mkimage_${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}
