import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMkimageError, MkimageError } from '../errors.ts';
import {
  chooseSubnet,
  contains,
  formatAddress,
  formatSubnet,
  overlaps,
  parseAddress,
  parseSubnet,
  type Subnet,
} from './addresses.ts';
import { DEFAULT_NETWORK } from './attach.ts';
import { seedOf } from './links.ts';
import { type NetworkFolder, type NetworkRecord, readJson } from './records.ts';
import { readRoutes } from './routes.ts';
import { formatRules } from './rules.ts';
import { findMissing, runTool } from './tools.ts';

export interface NewNetwork {
  readonly name: string;
  readonly created: string;
  readonly subnet?: string | undefined;
  readonly gateway?: string | undefined;
  readonly range?: string | undefined;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** Creates a network. Throws `in-use` for a name that exists, `usage` for bad addresses. */
export function createNetwork(folder: NetworkFolder, asked: NewNetwork): Promise<NetworkRecord> {
  return folder.hold(async () => {
    const others = folder.networks();
    if (others.some(({ name }) => name === asked.name))
      throw new MkimageError('in-use', `network with name ${asked.name} already exists`);
    return make(folder, others, asked);
  });
}

/** The network of containers that ask for no other; created at its first use. */
export function ensureDefaultNetwork(folder: NetworkFolder, created: string): Promise<NetworkRecord> {
  const find = () => folder.networks().find(({ name }) => name === DEFAULT_NETWORK);
  const known = find();
  if (known !== undefined) return Promise.resolve(known);
  const asked = { name: DEFAULT_NETWORK, created, internal: false, attachable: false, labels: {}, options: {} };
  return folder.hold(async () => find() ?? make(folder, folder.networks(), asked));
}

function make(folder: NetworkFolder, others: readonly NetworkRecord[], asked: NewNetwork): NetworkRecord {
  const id = randomBytes(32).toString('hex');
  const taken = others.map(({ subnet }) => parseSubnet(subnet));
  const subnet =
    asked.subnet === undefined || asked.subnet === ''
      ? chooseSubnet([...taken, ...readRoutes('')], seedOf(id))
      : requireFree(parseSubnet(asked.subnet), taken);
  const gateway = asked.gateway ? requireInside(asked.gateway, subnet) : formatAddress(subnet.base + 1);
  const { name, created, internal, attachable, labels, options } = asked;
  const record: NetworkRecord = {
    id,
    name,
    created,
    subnet: formatSubnet(subnet),
    gateway,
    ...(asked.range && { range: requirePart(parseSubnet(asked.range), subnet) }),
    isFixed: asked.subnet !== undefined && asked.subnet !== '',
    internal,
    attachable,
    labels,
    options,
  };
  folder.writeNetwork(record);
  return record;
}

function requireFree(subnet: Subnet, taken: readonly Subnet[]): Subnet {
  if (!taken.some((other) => overlaps(other, subnet))) return subnet;
  throw new MkimageError('usage', 'Pool overlaps with other one on this address space');
}

function requireInside(text: string, subnet: Subnet): string {
  const address = parseAddress(text);
  if (address !== undefined && contains(subnet, address)) return text;
  throw new MkimageError('usage', `no matching subnet for gateway ${text}`);
}

function requirePart(range: Subnet, subnet: Subnet): string {
  if (contains(subnet, range.base) && range.prefix >= subnet.prefix) return formatSubnet(range);
  throw new MkimageError('usage', `no matching subnet for range ${formatSubnet(range)}`);
}

/** Removes a network. Throws `in-use` while a container is in it. */
export function removeNetwork(folder: NetworkFolder, { id, name }: NetworkRecord): Promise<void> {
  return folder.hold(async () => {
    const user = folder.attachments().find(({ endpoints }) => endpoints.some(({ networkId }) => networkId === id));
    if (user !== undefined)
      throw new MkimageError(
        'in-use',
        `error while removing network: network ${name} id ${id} has active endpoints (name:"${user.name}" id:"${user.container.slice(0, 12)}")`,
      );
    folder.forgetNetwork(id);
  });
}

/** Says why this machine cannot have networks of containers; undefined if it can. It is tried once after each boot. */
export async function findObstacle(folder: NetworkFolder): Promise<string | undefined> {
  const missing = findMissing();
  if (missing !== undefined) return missing;
  const file = join(folder.path, 'ability.json');
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  if (readJson<{ boot?: string }>(file)?.boot === boot) return undefined;
  return folder.hold(async () => {
    try {
      await tryOut();
      writeFileSync(file, JSON.stringify({ boot }), { mode: 0o600 });
      return undefined;
    } catch (error) {
      if (isMkimageError(error)) return error.message;
      throw error;
    }
  });
}

async function tryOut(): Promise<void> {
  const id = randomBytes(32).toString('hex');
  const name = `mk-try-${id.slice(0, 8)}`;
  await runTool('try a bridge', ['ip', 'link', 'add', name, 'type', 'bridge']);
  await runTool('try a bridge', ['ip', 'link', 'del', name]);
  const networks = [{ id, subnet: '192.0.2.0/24', internal: false } as NetworkRecord];
  await runTool(
    'try packet filters',
    ['nft', '-c', '-f', '-'],
    formatRules({ table: 'mkimage_try', networks, attachments: [] }),
  );
}
