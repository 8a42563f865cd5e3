/** Classifies addresses: on the internet (`public`), in a private network, or on this machine and its link (`local`). */
import { BlockList, isIP } from 'node:net';

export type Scope = 'public' | 'private' | 'local';

/** A set of networks. Node's `BlockList` is created at the first look-up, because that takes milliseconds. */
class Blocks {
  readonly #subnets: readonly string[];
  #list: BlockList | undefined;

  constructor(subnets: readonly string[]) {
    this.#subnets = subnets;
  }

  has(address: string): boolean {
    this.#list ??= createBlockList(this.#subnets);
    return this.#list.check(address, familyOf(address));
  }
}

const RANK: Readonly<Record<Scope, number>> = { public: 0, private: 1, local: 2 };

const LOOPBACK = new Blocks(['127.0.0.0/8', '::1/128']);

const LOCAL = new Blocks([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local; clouds serve a machine's credentials here
  '192.0.0.0/24', // also used for metadata services of clouds
  '224.0.0.0/3', // multicast, reserved, broadcast
  '::/127',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  'fd00:ec2::254/128', // a cloud's credentials over IPv6
]);

const PRIVATE = new Blocks([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  'fc00::/7',
  '64:ff9b:1::/48', // translation within a network (RFC 8215)
  '2001::/32', // Teredo: a tunnel with an unknown end
]);

/** IPv6 networks that embed an IPv4 address, and the index of the 16-bit group where the IPv4 address starts. */
const EMBEDDING: readonly (readonly [Blocks, group: number])[] = [
  [new Blocks(['::ffff:0:0/96', '::/96', '::ffff:0:0:0/96', '64:ff9b::/96']), 6],
  [new Blocks(['2002::/16']), 1],
];

/** True if a URL's host name means this machine without a DNS look-up: `localhost`, 127/8, `[::1]`. */
export function isLoopbackHost(hostname: string): boolean {
  const address = withoutBrackets(hostname);
  return address === 'localhost' || (isIP(address) !== 0 && LOOPBACK.has(address));
}

/** The scope of an IP address or of `localhost`; undefined for names that need a DNS look-up. */
export function scopeOfHost(hostname: string): Scope | undefined {
  const address = withoutBrackets(hostname);
  if (/^(.+\.)?localhost\.?$/.test(address)) return 'local';
  return isIP(address) === 0 ? undefined : scopeOf(address);
}

/** True if `scope` is more private than `reach` allows. */
export function isBeyond(scope: Scope, reach: Scope): boolean {
  return RANK[scope] > RANK[reach];
}

function scopeOf(address: string): Scope {
  if (LOCAL.has(address)) return 'local';
  if (PRIVATE.has(address)) return 'private';
  const embedded = isIP(address) === 6 ? findEmbeddedIpv4(address) : undefined;
  return embedded === undefined ? 'public' : scopeOf(embedded);
}

function findEmbeddedIpv4(address: string): string | undefined {
  const found = EMBEDDING.find(([blocks]) => blocks.has(address));
  if (found === undefined) return undefined;
  const groups = parseGroups(address);
  const [high = 0, low = 0] = groups.slice(found[1], found[1] + 2);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight 16-bit groups of an IPv6 address in any notation. */
function parseGroups(address: string): readonly number[] {
  // `URL` normalises the address: no dotted IPv4 part, at most one `::`.
  const plain = new URL(`http://[${address.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const [before = '', after] = plain.split('::');
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [head, tail] = [numbers(before), numbers(after ?? '')];
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function createBlockList(subnets: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const subnet of subnets) {
    const [address = '', length] = subnet.split('/');
    blocks.addSubnet(address, Number(length), familyOf(address));
  }
  return blocks;
}

function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.toLowerCase();
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
