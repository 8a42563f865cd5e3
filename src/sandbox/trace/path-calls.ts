/** Calls with names that only the kernel can make for the process. It gets the place of the name in the root. */
import { constants, lstatSync, type Stats } from 'node:fs';
import type { Handler, TracedCall } from './call.ts';
import { execute } from './exec.ts';
import { seeFile } from './file-attributes.ts';
import { adopt } from './file-calls.ts';
import type { Resolved } from './path-space.ts';

const { O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW, S_IFMT, S_IFCHR, S_IFBLK } = constants;
const [EROFS, EACCES, ERANGE, ECONNREFUSED] = [-30, -13, -34, -111];
const O_PATH = 0o10000000;
const AT_SYMLINK_NOFOLLOW = 0x100;

interface Opening {
  readonly index: number;
  readonly flags: number;
  readonly mode: number;
}

function open(call: TracedCall, { index, flags, mode }: Opening): number | undefined {
  const creates = (flags & O_CREAT) !== 0;
  const follow = (flags & O_NOFOLLOW) === 0 && !(creates && (flags & O_EXCL) !== 0);
  const place = call.path(index, { ...(index === 0 ? {} : { at: index - 1 }), follow });
  const found = lstatSync(place.host, { throwIfNoEntry: false });
  const writes = (flags & (O_WRONLY | O_RDWR | O_TRUNC)) !== 0 && (flags & O_PATH) === 0;
  if (place.readonly && (writes || (creates && found === undefined))) return EROFS;
  if (found !== undefined && isOwnDevice(place, found)) return EACCES;
  call.replace(index, place.host);
  if (creates && found === undefined) {
    call.afterwards = (result) => {
      if (result >= 0) adopt(call, place.host, mode & 0o7777 & ~call.state.umask);
      return undefined;
    };
  }
  return undefined;
}

/** A step must not open device nodes of its own making. Those of /dev are mounted from the host's. */
function isOwnDevice({ host }: Resolved, found: Stats): boolean {
  if (found.isCharacterDevice() || found.isBlockDevice()) return !host.toString('latin1').startsWith('/dev/');
  if (!found.isFile() || found.size !== 0) return false;
  const kind = seeFile(host).mode & S_IFMT;
  return kind === S_IFCHR || kind === S_IFBLK;
}

function openByStructure(call: TracedCall): number | undefined {
  const how = call.tracee.read(call.tracee.argument(2), 16);
  return open(call, { index: 1, flags: Number(how.readBigUInt64LE(0)), mode: Number(how.readBigUInt64LE(8)) });
}

/** Replaces one name. `writes`: the call changes the file. */
function replace(index: number, { at, follow, writes }: { at?: number; follow: boolean; writes?: boolean }): Handler {
  return (call) => {
    if (call.tracee.argument(index) === 0n) return undefined;
    const place = call.path(index, { follow, ...(at === undefined ? {} : { at }) });
    if (writes === true && place.readonly) return EROFS;
    call.replace(index, place.host);
    return undefined;
  };
}

function currentDirectory(call: TracedCall): number {
  const bytes = Buffer.from(`${call.resolve('.', { follow: true }).guest}\0`, 'latin1');
  if (bytes.length > call.number(1)) return ERANGE;
  call.tracee.write(call.tracee.argument(0), bytes);
  return bytes.length;
}

const AF_UNIX = 1;
const LONGEST = 108;

/** Sockets have a name in the root, too: a step must not reach those of the container around mkimage. */
const socketAddress: Handler = (call) => {
  const length = call.number(2);
  const address = call.tracee.read(call.tracee.argument(1), Math.max(0, Math.min(length, 128)));
  if (address.length < 3 || address.readUInt16LE(0) !== AF_UNIX || address[2] === 0) return undefined;
  const end = address.indexOf(0, 2);
  const place = call.resolve(address.toString('latin1', 2, end < 0 ? address.length : end), { follow: true });
  if (place.host.length >= LONGEST) return ECONNREFUSED;
  const bytes = Buffer.concat([address.subarray(0, 2), place.host, Buffer.of(0)]);
  call.replaceArgument(1, call.tracee.push(bytes));
  call.replaceArgument(2, BigInt(bytes.length));
  return undefined;
};

const times: Handler = (call) =>
  replace(1, { at: 0, follow: (call.number(3) & AT_SYMLINK_NOFOLLOW) === 0, writes: true })(call);

export const PATH_CALLS: Readonly<Record<string, Handler>> = {
  open: (call) => open(call, { index: 0, flags: call.number(1), mode: call.number(2) }),
  creat: (call) => open(call, { index: 0, flags: O_CREAT | O_WRONLY | O_TRUNC, mode: call.number(1) }),
  openat: (call) => open(call, { index: 1, flags: call.number(2), mode: call.number(3) }),
  openat2: openByStructure,
  execve: (call) => execute(call, 0),
  execveat: (call) => execute(call, 1, 0),
  chdir: replace(0, { follow: true }),
  getcwd: currentDirectory,
  umask: (call) => {
    call.state.umask = call.number(0) & 0o777;
    return undefined;
  },
  truncate: replace(0, { follow: true, writes: true }),
  statfs: replace(0, { follow: true }),
  utime: replace(0, { follow: true, writes: true }),
  utimes: replace(0, { follow: true, writes: true }),
  futimesat: replace(1, { at: 0, follow: true, writes: true }),
  utimensat: times,
  inotify_add_watch: replace(1, { follow: true }),
  getxattr: replace(0, { follow: true }),
  lgetxattr: replace(0, { follow: false }),
  listxattr: replace(0, { follow: true }),
  llistxattr: replace(0, { follow: false }),
  removexattr: replace(0, { follow: true, writes: true }),
  lremovexattr: replace(0, { follow: false, writes: true }),
  connect: socketAddress,
  bind: socketAddress,
};
