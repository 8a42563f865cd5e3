import type { SeenAttributes } from './file-attributes.ts';

/** `struct stat` of x86-64 (asm/stat.h). */
export function toStat({ stats, mode, uid, gid, rdev }: SeenAttributes): Buffer {
  const bytes = Buffer.alloc(144);
  bytes.writeBigUInt64LE(stats.dev, 0);
  bytes.writeBigUInt64LE(stats.ino, 8);
  bytes.writeBigUInt64LE(stats.nlink, 16);
  bytes.writeUInt32LE(mode, 24);
  bytes.writeUInt32LE(uid, 28);
  bytes.writeUInt32LE(gid, 32);
  bytes.writeBigUInt64LE(rdev, 40);
  bytes.writeBigInt64LE(stats.size, 48);
  bytes.writeBigInt64LE(stats.blksize, 56);
  bytes.writeBigInt64LE(stats.blocks, 64);
  for (const [index, time] of [stats.atimeNs, stats.mtimeNs, stats.ctimeNs].entries())
    writeTime(bytes, 72 + index * 16, time);
  return bytes;
}

function writeTime(bytes: Buffer, at: number, time: bigint): void {
  bytes.writeBigInt64LE(time / SECOND, at);
  bytes.writeBigInt64LE(time % SECOND, at + 8);
}

const SECOND = 1_000_000_000n;
/** STATX_BASIC_STATS and STATX_BTIME. */
const ALL = 0x0fff;

/** `struct statx` (linux/stat.h). */
export function toStatx({ stats, mode, uid, gid, rdev }: SeenAttributes): Buffer {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32LE(ALL, 0);
  bytes.writeUInt32LE(Number(stats.blksize), 4);
  bytes.writeUInt32LE(Number(stats.nlink), 16);
  bytes.writeUInt32LE(uid, 20);
  bytes.writeUInt32LE(gid, 24);
  bytes.writeUInt16LE(mode, 28);
  bytes.writeBigUInt64LE(stats.ino, 32);
  bytes.writeBigInt64LE(stats.size, 40);
  bytes.writeBigInt64LE(stats.blocks, 48);
  const times = [stats.atimeNs, stats.birthtimeNs, stats.ctimeNs, stats.mtimeNs];
  for (const [index, time] of times.entries()) {
    bytes.writeBigInt64LE(time / SECOND, 64 + index * 16);
    bytes.writeUInt32LE(Number(time % SECOND), 72 + index * 16);
  }
  for (const [at, device] of [
    [128, rdev],
    [136, stats.dev],
  ] as const) {
    bytes.writeUInt32LE(Number(((device >> 32n) & 0xfffff000n) | ((device >> 8n) & 0xfffn)), at);
    bytes.writeUInt32LE(Number(((device >> 12n) & 0xffffff00n) | (device & 0xffn)), at + 4);
  }
  return bytes;
}
