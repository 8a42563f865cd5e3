import { toFsName } from '../../tar/index.ts';
import { bindForeign, createSystemError, toCString } from './bind-foreign.ts';

const mknod = bindForeign('int mknod(const void *path, uint mode, ulong device)');

export interface Device {
  readonly major: number;
  readonly minor: number;
}

/** Creates a device node, fifo or socket; `mode` contains the file type. The umask applies, as in mknod(2). Throws like `node:fs`. */
export function makeNode(path: string, mode: number, device: Device): void {
  if (mknod(toCString(toFsName(path)), mode, encodeDevice(device)) !== 0) throw createSystemError('mknod', path);
}

/** Encodes a dev_t in the kernel's 64-bit layout. */
export function encodeDevice({ major, minor }: Device): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn);
}

/** Decodes a dev_t. */
export function decodeDevice(number: bigint): Device {
  return {
    major: Number(((number >> 32n) & 0xfffff000n) | ((number >> 8n) & 0xfffn)),
    minor: Number(((number >> 12n) & 0xffffff00n) | (number & 0xffn)),
  };
}
