/** How far in an address lies: on the internet, in a network of one's own, or on (or right beside) this very machine. */
import { BlockList, isIP } from 'node:net';

export type Scope = 'public' | 'private' | 'local';

/** Networks. They are put into Node's own list when the first address is looked for: that takes milliseconds. */
class Blocks {
  readonly #subnets: readonly string[];
  #list: BlockList | undefined;

  constructor(subnets: readonly string[]) {
    this.#subnets = subnets;
  }

  has(address: string): boolean {
    this.#list ??= blockListOf(this.#subnets);
    return this.#list.check(address, familyOf(address));
  }
}

const RANK: Readonly<Record<Scope, number>> = { public: 0, private: 1, local: 2 };

const LOOPBACK = new Blocks(['127.0.0.0/8', '::1/128']);

const LOCAL = new Blocks([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16', // where clouds serve a machine's own credentials
  '192.0.0.0/24', // the same
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
  '2001::/32', // Teredo: a tunnel to who knows where
]);

/** Forms of IPv6 that stand for an address of IPv4, and the 16-bit group where that begins. */
const EMBEDDING: readonly (readonly [Blocks, group: number])[] = [
  [new Blocks(['::ffff:0:0/96', '::/96', '::ffff:0:0:0/96', '64:ff9b::/96']), 6],
  [new Blocks(['2002::/16']), 1],
];

/** True if a URL's host name says `this machine` without any look-up: `localhost`, 127/8, `[::1]`. */
export function isLoopbackHost(hostname: string): boolean {
  const address = withoutBrackets(hostname);
  return address === 'localhost' || (isIP(address) !== 0 && LOOPBACK.has(address));
}

/** The scope of an IP address, or of a name that needs no look-up; undefined for other names. */
export function scopeOfHost(hostname: string): Scope | undefined {
  const address = withoutBrackets(hostname);
  if (/^(.+\.)?localhost\.?$/.test(address)) return 'local';
  return isIP(address) === 0 ? undefined : scopeOf(address);
}

/** True if `scope` lies further in than `reach`. */
export function isBeyond(scope: Scope, reach: Scope): boolean {
  return RANK[scope] > RANK[reach];
}

function scopeOf(address: string): Scope {
  if (LOCAL.has(address)) return 'local';
  if (PRIVATE.has(address)) return 'private';
  const embedded = isIP(address) === 6 ? embeddedIn(address) : undefined;
  return embedded === undefined ? 'public' : scopeOf(embedded);
}

function embeddedIn(address: string): string | undefined {
  const found = EMBEDDING.find(([blocks]) => blocks.has(address));
  if (found === undefined) return undefined;
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(found[1], found[1] + 2);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of an IPv6 address, in whatever way it is written. */
function groupsOf(address: string): readonly number[] {
  // A URL has only one way to write it: no dotted end, one `::` at most.
  const plain = new URL(`http://[${address.split('%', 1)[0]}]`).hostname.slice(1, -1);
  const [before = '', after] = plain.split('::');
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [head, tail] = [numbers(before), numbers(after ?? '')];
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function blockListOf(subnets: readonly string[]): BlockList {
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
