import { toFsName } from '../../tar/index.ts';
import { foreign, nulTerminated, systemError } from './foreign.ts';

const mknod = foreign('int mknod(const void *path, uint mode, ulong device)');

export interface Device {
  readonly major: number;
  readonly minor: number;
}

/** Makes a device node, fifo or socket; `mode` has the file type. Subject to the umask, as mknod(2). Throws like `node:fs`. */
export function makeNode(path: string, mode: number, device: Device): void {
  if (mknod(nulTerminated(toFsName(path)), mode, deviceNumber(device)) !== 0) throw systemError('mknod', path);
}

/** dev_t of the kernel's 64-bit layout. */
export function deviceNumber({ major, minor }: Device): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn);
}

/** The two halves of a dev_t. */
export function deviceOf(number: bigint): Device {
  return {
    major: Number(((number >> 32n) & 0xfffff000n) | ((number >> 8n) & 0xfffn)),
    minor: Number(((number >> 12n) & 0xffffff00n) | (number & 0xffn)),
  };
}
