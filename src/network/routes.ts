import { readFileSync } from 'node:fs';
import type { Subnet } from './addresses.ts';

/** Subnets that this machine has routes to, through other interfaces. The default route is not one of them. */
export function readRoutes(except: string): readonly Subnet[] {
  return parseRoutes(readFileSync('/proc/net/route', 'utf8'), except);
}

/** The IPv4 table of proc_net(5): addresses are hexadecimal, in the machine's order of bytes (little endian). */
export function parseRoutes(text: string, except: string): readonly Subnet[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .filter(([name, base, , , , , , mask]) => name !== except && base !== undefined && mask !== '00000000')
    .flatMap(([, base = '', , , , , , mask = '']) => {
      const prefix = [...swapBytes(mask).toString(2)].filter((bit) => bit === '1').length;
      return [{ base: swapBytes(base), prefix }];
    });
}

function swapBytes(hex: string): number {
  return Buffer.from(hex.padStart(8, '0'), 'hex').readUInt32LE(0);
}
