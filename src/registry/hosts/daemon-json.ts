/** The part of Docker's `daemon.json` about registries. */
import { BlockList, isIP } from 'node:net';
import { MkimageError } from '../../errors.ts';
import { stripEnd } from '../../notation/index.ts';

export interface DaemonSettings {
  /** URLs of mirrors of Docker Hub. */
  readonly mirrors: readonly string[];
  /** Hosts, with their ports, and networks in CIDR notation. */
  readonly insecure: readonly string[];
}

/** Throws `usage`. `name` is for messages. */
export function parseDaemonJson(text: string, name: string): DaemonSettings {
  const json = parseObject(text, name);
  const mirrors = readList(json, 'registry-mirrors', name).map((url) => stripEnd(url, '/'));
  const wrong = mirrors.find((url) => !isMirror(url));
  if (wrong !== undefined)
    throw createError(name, `the mirror \`${wrong.replace(/\/\/[^/]*@/, '//')}\` is not an http or https URL`);
  return { mirrors, insecure: readList(json, 'insecure-registries', name).map(withoutScheme) };
}

/** True if the list has the host with its port, or a network that contains its address. `look` finds the addresses of a name. */
export async function isInsecureByDaemon(
  insecure: readonly string[],
  host: string,
  look: (hostname: string) => Promise<readonly string[]>,
): Promise<boolean> {
  if (insecure.includes(host)) return true;
  const networks = insecure.filter((entry) => /^[\da-f.:]+\/\d+$/i.test(entry));
  if (networks.length === 0) return false;
  const hostname = new URL(`https://${host}`).hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(hostname) === 0 ? await look(hostname) : [hostname];
  return addresses.some((address) => networks.some((network) => contains(network, address)));
}

function contains(network: string, address: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const version = isIP(base);
  if (version === 0 || version !== isIP(address) || Number(bits) > (version === 6 ? 128 : 32)) return false;
  const blocks = new BlockList();
  const family = version === 6 ? 'ipv6' : 'ipv4';
  blocks.addSubnet(base, Number(bits), family);
  return blocks.check(address, family);
}

function isMirror(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && search === '' && hash === '';
}

function withoutScheme(entry: string): string {
  return entry.replace(/^https?:\/\//, '').toLowerCase();
}

function parseObject(text: string, name: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw createError(name, 'not JSON');
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  throw createError(name, 'not a JSON object');
}

function readList(json: Readonly<Record<string, unknown>>, key: string, name: string): readonly string[] {
  const value = json[key] ?? [];
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value as string[];
  throw createError(name, `\`${key}\` is not a list of strings`);
}

function createError(name: string, why: string): MkimageError {
  return new MkimageError('usage', `read registries from \`${name}\`: ${why}`);
}
