/** IPv4 addresses and subnets as numbers. Pure. */
import { MkimageError } from '../errors.ts';

/** `172.17.0.0/20`. `base` has no host bits. */
export interface Subnet {
  readonly base: number;
  readonly prefix: number;
}

/** Where subnets are chosen from when a network has none: Docker's range, in parts of 4,096 addresses. */
const POOL: Subnet = { base: 0xac100000, prefix: 12 };
const POOL_START = 0xac110000; // 172.17.0.0
const CHOSEN_PREFIX = 20;

/** Returns undefined for a text that is not an IPv4 address in four parts. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (part === '' || part.length > 3 || !isDigits(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** Throws `usage` for anything but an IPv4 network in CIDR notation. */
export function parseSubnet(text: string): Subnet {
  const [address = '', length = '', ...more] = text.split('/');
  const value = parseAddress(address);
  const prefix = isDigits(length) && length.length <= 2 ? Number(length) : Number.NaN;
  if (value === undefined || more.length > 0 || !(prefix >= 1 && prefix <= 30))
    throw new MkimageError('usage', `invalid subnet ${text}: it is not an IPv4 network such as 172.30.0.0/16`);
  return { base: value - (value % sizeOf({ prefix })), prefix };
}

export function formatSubnet({ base, prefix }: Subnet): string {
  return `${formatAddress(base)}/${prefix}`;
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.base < b.base + sizeOf(b) && b.base < a.base + sizeOf(a);
}

export function contains(subnet: Subnet, address: number): boolean {
  return address >= subnet.base && address < subnet.base + sizeOf(subnet);
}

/** Chooses a subnet that overlaps none of the others. `seed` decides where the search starts. */
export function chooseSubnet(taken: readonly Subnet[], seed: number): Subnet {
  const size = sizeOf({ prefix: CHOSEN_PREFIX });
  const count = (POOL.base + sizeOf(POOL) - POOL_START) / size;
  for (let tried = 0; tried < count; tried++) {
    const subnet = { base: POOL_START + ((seed + tried) % count) * size, prefix: CHOSEN_PREFIX };
    if (!taken.some((other) => overlaps(other, subnet))) return subnet;
  }
  throw new MkimageError('unsupported', 'create network: all predefined address pools have been fully subnetted', {
    hint: 'give a subnet that is free on this machine: `--subnet 10.200.0.0/24`',
  });
}

export interface AddressRange {
  readonly subnet: Subnet;
  /** Only addresses of this part are given out. */
  readonly range: Subnet;
  readonly taken: ReadonlySet<number>;
}

/** The lowest free address after `after`, from the beginning again at the end; undefined if all are in use. */
export function chooseAddress({ subnet, range, taken }: AddressRange, after: number): number | undefined {
  const [first, last] = [
    Math.max(range.base, subnet.base + 1),
    Math.min(range.base + sizeOf(range), subnet.base + sizeOf(subnet) - 1),
  ];
  const count = last - first;
  const start = after >= first && after < last ? after + 1 - first : 0;
  for (let tried = 0; tried < count; tried++) {
    const address = first + ((start + tried) % count);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

/** As Docker: derived from the address, so that it is the same after a restart with the same address. */
export function macOf(address: number): string {
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return ['02', '42', ...parts.map((part) => part.toString(16).padStart(2, '0'))].join(':');
}

function sizeOf({ prefix }: Pick<Subnet, 'prefix'>): number {
  return 2 ** (32 - prefix);
}

function isDigits(text: string): boolean {
  return text !== '' && [...text].every((character) => character >= '0' && character <= '9');
}
