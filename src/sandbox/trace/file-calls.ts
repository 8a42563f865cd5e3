/** Calls that change names: made here, with the place of the name in the root. */
import {
  closeSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { decodeDevice, makeNode } from '../../host/index.ts';
import { textOfBytes } from '../../tar/index.ts';
import type { Handler, TracedCall } from './call.ts';
import { changeFile, seeFile } from './file-attributes.ts';
import type { Resolved } from './path-space.ts';

const [EROFS, EEXIST, EINVAL, EPERM] = [-30, -17, -22, -1];
const { S_IFMT, S_IFCHR, S_IFBLK, S_IFIFO, S_IFREG } = constants;
const S_ISGID = 0o2000;
const AT_REMOVEDIR = 0x200;
const AT_SYMLINK_FOLLOW = 0x400;

/** `at`: the position of the descriptor; the name follows it. Undefined: the call has no descriptor. */
type Place = (call: TracedCall, index: number, follow?: boolean) => Resolved;
const plain: Place = (call, index, follow = false) => call.path(index, { follow });
const relative: Place = (call, index, follow = false) => call.path(index, { at: index - 1, follow });

function refuseReadonly(...places: readonly Resolved[]): void {
  if (places.some(({ readonly }) => readonly)) throw Object.assign(new Error('read-only'), { errno: EROFS });
}

/** A new object belongs to the user of the process, and to the group of a directory that passes on its group. */
export function adopt(call: TracedCall, host: Buffer, mode: number | undefined): void {
  const { uids, gids } = call.state.credentials;
  const parent = host.subarray(0, host.lastIndexOf(47));
  const above = parent.length === 0 ? undefined : seeFile(parent);
  const passes = above !== undefined && (above.mode & S_ISGID) !== 0;
  const isFolder = (seeFile(host).mode & S_IFMT) === constants.S_IFDIR;
  const wanted = mode === undefined ? undefined : mode | (passes && isFolder ? S_ISGID : 0);
  changeFile(host, {
    uid: uids.effective,
    gid: passes ? above.gid : gids.effective,
    ...(wanted === undefined ? {} : { mode: wanted }),
  });
}

function makeDirectory(place: Resolved, call: TracedCall, mode: number): number {
  refuseReadonly(place);
  mkdirSync(place.host, 0o700);
  adopt(call, place.host, mode & 0o7777 & ~call.state.umask);
  return 0;
}

function makeObject(place: Resolved, call: TracedCall, { mode, device }: { mode: number; device: bigint }): number {
  refuseReadonly(place);
  const kind = mode & S_IFMT;
  const bits = mode & 0o7777 & ~call.state.umask;
  if (kind === S_IFCHR || kind === S_IFBLK) {
    closeSync(openSync(place.host, 'wx', 0o600));
    changeFile(place.host, { type: kind === S_IFCHR ? 'char' : 'block', device: decodeDevice(device) });
  } else if (kind === S_IFREG || kind === 0) closeSync(openSync(place.host, 'wx', 0o600));
  else makeNode(textOfBytes(place.host), kind | 0o600, { major: 0, minor: 0 });
  adopt(call, place.host, kind === S_IFIFO ? bits | 0o600 : bits);
  return 0;
}

function remove(place: Resolved, isFolder: boolean): number {
  refuseReadonly(place);
  if (isFolder) rmdirSync(place.host);
  else if (lstatSync(place.host).isDirectory()) return -21;
  else unlinkSync(place.host);
  return 0;
}

const RENAME_NOREPLACE = 1;

function rename(from: Resolved, to: Resolved, flags: number): number {
  refuseReadonly(from, to);
  if ((flags & ~RENAME_NOREPLACE) !== 0) return EINVAL;
  if (flags === RENAME_NOREPLACE && lstatSync(to.host, { throwIfNoEntry: false }) !== undefined) return EEXIST;
  renameSync(from.host, to.host);
  return 0;
}

function link(from: Resolved, to: Resolved): number {
  refuseReadonly(from, to);
  linkSync(from.host, to.host);
  return 0;
}

function symlink(call: TracedCall, place: Resolved): number {
  refuseReadonly(place);
  symlinkSync(Buffer.from(call.string(0), 'latin1'), place.host);
  return 0;
}

/** Links of /proc lead to places of the host. */
function readLink(call: TracedCall, place: Resolved, buffer: number): number {
  const [, owner] = /^\/proc\/(\d+)\/exe$/.exec(place.guest) ?? [];
  const text = readlinkSync(place.host, 'latin1');
  const isOfProc = place.guest.startsWith('/proc/');
  const shown = owner !== undefined ? call.state.program : isOfProc ? (call.nameOf(text) ?? text) : text;
  const bytes = Buffer.from(shown, 'latin1').subarray(0, call.number(buffer + 1));
  if (bytes.length === 0) return EINVAL;
  call.tracee.write(call.tracee.argument(buffer), bytes);
  return bytes.length;
}

export const FILE_CALLS: Readonly<Record<string, Handler>> = {
  mkdir: (call) => makeDirectory(plain(call, 0), call, call.number(1)),
  mkdirat: (call) => makeDirectory(relative(call, 1), call, call.number(2)),
  mknod: (call) => makeObject(plain(call, 0), call, { mode: call.number(1), device: call.tracee.argument(2) }),
  mknodat: (call) => makeObject(relative(call, 1), call, { mode: call.number(2), device: call.tracee.argument(3) }),
  rmdir: (call) => remove(plain(call, 0), true),
  unlink: (call) => remove(plain(call, 0), false),
  unlinkat: (call) => remove(relative(call, 1), (call.number(2) & AT_REMOVEDIR) !== 0),
  rename: (call) => rename(plain(call, 0), plain(call, 1), 0),
  renameat: (call) => rename(relative(call, 1), relative(call, 3), 0),
  renameat2: (call) => rename(relative(call, 1), relative(call, 3), call.number(4)),
  link: (call) => link(plain(call, 0), plain(call, 1)),
  linkat: (call) => {
    const from = relative(call, 1, (call.number(4) & AT_SYMLINK_FOLLOW) !== 0);
    if (!from.guest.startsWith('/proc/')) return link(from, relative(call, 3));
    const to = relative(call, 3); // an unnamed file, which only the kernel can link
    refuseReadonly(to);
    call.replace(1, from.host);
    call.replace(3, to.host);
    return undefined;
  },
  symlink: (call) => symlink(call, plain(call, 1)),
  symlinkat: (call) => symlink(call, relative(call, 2)),
  readlink: (call) => readLink(call, plain(call, 0), 1),
  readlinkat: (call) => readLink(call, relative(call, 1), 2),
  chroot: () => EPERM,
};
