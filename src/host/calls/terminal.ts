import { closeSync, constants, fchownSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { ReadStream } from 'node:tty';
import { bindForeign, createSystemError } from './bind-foreign.ts';

const ioctl = bindForeign('int ioctl(int fd, ulong request, void *argument)');
const ioctlOfNumber = bindForeign('int ioctl(int fd, ulong request, long argument)');
const syscall = bindForeign('long syscall(long number, long a, long b, long c)');

/** asm-generic/ioctls.h. */
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x8004_5430;
const TIOCSPTLCK = 0x4004_5431;
/** linux/tty.h, since Linux 4.13. */
const TIOCGPTPEER = 0x5441;
const SYS_pidfd_open = 434;
const SYS_pidfd_getfd = 438;

export interface PseudoTerminal {
  readonly master: number;
  readonly slave: number;
  /** Of the slave, on the host. */
  readonly path: string;
}

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** Opens a pseudo terminal. The slave belongs to this user of the container. Both descriptors are close-on-exec. */
export function openPseudoTerminal(owner: TerminalOwner): PseudoTerminal {
  return openFrom('/dev/ptmx', owner, (master) => openSync(pathOfSlave(master), FLAGS));
}

/**
 * Opens a pseudo terminal of the devpts that a process sees, so that its name is known there: `tty` and `ttyname` work. `path` is the
 * name in there.
 */
export function openPseudoTerminalOf(pid: number, owner: TerminalOwner): PseudoTerminal {
  // No link is followed: it is a file of a stranger.
  const ptmx = `/proc/${pid}/root/dev/pts/ptmx`;
  return openFrom(ptmx, owner, (master) => {
    const slave = ioctlOfNumber(master, TIOCGPTPEER, FLAGS);
    if (slave < 0) throw createSystemError('ioctl', ptmx);
    return slave;
  });
}

interface TerminalOwner {
  readonly uid: number;
  readonly gid: number;
}

const FLAGS = constants.O_RDWR | constants.O_NOCTTY | constants.O_NOFOLLOW;

function openFrom(ptmx: string, owner: TerminalOwner, openSlave: (master: number) => number): PseudoTerminal {
  const master = openSync(ptmx, FLAGS);
  try {
    control(master, TIOCSPTLCK, Buffer.alloc(4));
    const slave = openSlave(master);
    fchownSync(slave, owner.uid, owner.gid);
    return { master, slave, path: pathOfSlave(master) };
  } catch (error) {
    closeSync(master);
    throw error;
  }
}

function pathOfSlave(master: number): string {
  const number = Buffer.alloc(4);
  control(master, TIOCGPTN, number);
  return `/dev/pts/${number.readUInt32LE(0)}`;
}

/** Tells a terminal its size; the kernel sends SIGWINCH. */
export function resizeTerminal(master: number, { rows, columns }: WindowSize): void {
  const size = Buffer.alloc(8);
  size.writeUInt16LE(Math.min(rows, 0xffff), 0);
  size.writeUInt16LE(Math.min(columns, 0xffff), 2);
  control(master, TIOCSWINSZ, size);
}

/** asm-generic/termbits.h. */
const TCGETS = 0x5401;
const TCSETS = 0x5402;
const OPOST = 1;

/** Lets a terminal show output as it comes: Node's raw mode leaves the translation of line feeds on. Leaving that mode ends this too. */
export function passOutput(terminal: number): void {
  // struct termios begins with four words of flags; the second one is that of output.
  const settings = Buffer.alloc(64);
  if (ioctl(terminal, TCGETS, settings) !== 0) return; // it is not a terminal
  settings.writeUInt32LE((settings.readUInt32LE(4) & ~OPOST) >>> 0, 4);
  ioctl(terminal, TCSETS, settings);
}

/** A stream on the master of a terminal. It ends when no process has the slave open. */
export function streamOfTerminal(master: number): Duplex {
  return new ReadStream(master) as unknown as Duplex;
}

/** Takes a copy of a descriptor from another process. Throws like `node:fs`. */
export function copyDescriptor(pid: number, descriptor: number): number {
  const process = syscall(SYS_pidfd_open, pid, 0, 0);
  if (process < 0) throw createSystemError('pidfd_open', String(pid));
  try {
    const copy = syscall(SYS_pidfd_getfd, process, descriptor, 0);
    if (copy < 0) throw createSystemError('pidfd_getfd', String(pid));
    return copy;
  } finally {
    closeSync(process);
  }
}

function control(file: number, request: number, argument: Buffer): void {
  if (ioctl(file, request, argument) !== 0) throw createSystemError('ioctl', `/proc/self/fd/${file}`);
}
