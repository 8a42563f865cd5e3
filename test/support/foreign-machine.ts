/** Programs for another processor, and an emulator for them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from './needs.ts';

/** What arm64 does to write the name of the machine, as uname(2) tells it, into /machine. */
const CODE = [
  0xd10803ff, // sub sp, sp, #512
  0x910003e0, // mov x0, sp
  0xd2801408, // mov x8, #160 (uname)
  0xd4000001, // svc #0
  0x92800c60, // mov x0, #-100 (AT_FDCWD)
  0x100001a1, // adr x1, the path: 13 instructions on
  0xd2800822, // mov x2, #0x41 (O_WRONLY | O_CREAT)
  0xd2803483, // mov x3, #0644
  0xd2800708, // mov x8, #56 (openat)
  0xd4000001, // svc #0
  0x910413e1, // add x1, sp, #260 (the machine)
  0xd28000e2, // mov x2, #7
  0xd2800808, // mov x8, #64 (write)
  0xd4000001, // svc #0
  0xd2800000, // mov x0, #0
  0xd2800ba8, // mov x8, #93 (exit)
  0xd4000001, // svc #0
  0xd503201f, // nop
];

/** An ELF file for arm64 that writes `aarch64` into /machine. */
export function createArm64Program(): Buffer {
  const [code, address] = [Buffer.alloc(CODE.length * 4), 0x40_0000];
  for (const [at, instruction] of CODE.entries()) code.writeUInt32LE(instruction, at * 4);
  const text = Buffer.concat([code, Buffer.from('/machine\0')]);
  const header = Buffer.alloc(120);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(183, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(address + 120), 24);
  header.writeBigUInt64LE(64n, 32);
  for (const [at, value] of [64, 56, 1].entries()) header.writeUInt16LE(value, 52 + 2 * at);
  header.writeUInt32LE(1, 64);
  header.writeUInt32LE(5, 68);
  for (const at of [80, 88]) header.writeBigUInt64LE(BigInt(address), at);
  for (const at of [96, 104]) header.writeBigUInt64LE(BigInt(120 + text.length), at);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, text]);
}

/** As Debian's qemu-user-static registers it. */
const RULE = {
  magic: String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`,
  mask: String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`,
};

/** Whether this machine runs arm64 programs already. */
function runsArm64(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'arm64-'));
  const file = join(folder, 'program');
  writeFileSync(file, createArm64Program().fill(0, 120), { mode: 0o755 });
  const { status, signal, error } = spawnSync(programPath('chroot')!, [folder, '/program'], { stdio: 'ignore' });
  execFileSync('rm', ['-r', folder]);
  return error === undefined && status !== 126 && status !== 127 && (signal !== null || status !== 0);
}

/**
 * Registers the emulator for arm64 in the kernel, if there is none, until it is disposed. Another folder than the usual
 * one shows the same registrations.
 */
export function registerArm64(): Disposable {
  if (runsArm64()) return { [Symbol.dispose]: () => {} };
  const folder = mkdtempSync(join(tmpdir(), 'binfmt-'));
  const name = `test-arm64-${process.pid}`;
  execFileSync(programPath('mount')!, ['-t', 'binfmt_misc', 'binfmt_misc', folder]);
  const dispose = () => {
    if (existsSync(join(folder, name))) writeFileSync(join(folder, name), '-1');
    execFileSync(programPath('umount')!, [folder]);
    rmdirSync(folder);
  };
  try {
    writeFileSync(
      join(folder, 'register'),
      `:${name}:M::${RULE.magic}:${RULE.mask}:${programPath('qemu-aarch64-static')}:F`,
    );
  } catch (error) {
    dispose();
    throw error;
  }
  return { [Symbol.dispose]: dispose };
}
