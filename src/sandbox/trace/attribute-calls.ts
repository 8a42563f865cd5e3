/** Calls that read and change attributes: made here, because the step must see and set those of the image. */
import { constants } from 'node:fs';
import type { Handler, TracedCall } from './call.ts';
import { changeFile, type SeenAttributes, seeFile } from './file-attributes.ts';
import type { Resolved } from './path-space.ts';
import { toStat, toStatx } from './stat-bytes.ts';

const [EROFS, EACCES, EPERM, EBADF] = [-30, -13, -1, -9];
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const AT_FDCWD = -100;
const { S_IFMT, S_IFDIR, S_IFLNK } = constants;

interface Target {
  readonly file: Buffer;
  /** The file is a link of /proc to an open file. */
  readonly through: boolean;
  readonly readonly: boolean;
}

function targetAt({ host, readonly, guest }: Resolved, follow: boolean): Target {
  return { file: host, through: follow && guest.startsWith('/proc/'), readonly };
}

function byPath(call: TracedCall, index: number, follow: boolean): Target {
  return targetAt(call.path(index, { follow }), follow);
}

function byDescriptor(call: TracedCall, descriptor: number): Target {
  if (descriptor < 0 && descriptor !== AT_FDCWD) throw Object.assign(new Error('no file'), { errno: EBADF });
  return { file: Buffer.from(call.linkOf(descriptor)), through: true, readonly: false };
}

/** `at`: the position of the descriptor; the name follows. */
function byBoth(call: TracedCall, at: number, flags: number): Target {
  const follow = (flags & AT_SYMLINK_NOFOLLOW) === 0;
  const address = call.tracee.argument(at + 1);
  const text = address === 0n ? '' : call.tracee.string(address);
  if (text === '' && ((flags & AT_EMPTY_PATH) !== 0 || address === 0n)) return byDescriptor(call, call.number(at));
  return targetAt(call.resolve(text, { descriptor: call.number(at), follow }), follow);
}

type Form = (seen: SeenAttributes) => Buffer;

function show(call: TracedCall, { file, through }: Target, { form, index }: { form: Form; index: number }): number {
  call.tracee.write(call.tracee.argument(index), form(seeFile(file, through)));
  return 0;
}

function change(target: Target, how: (seen: SeenAttributes) => Parameters<typeof changeFile>[1]): number {
  if (target.readonly) return EROFS;
  changeFile(target.file, how(seeFile(target.file, target.through)), target.through);
  return 0;
}

function changeMode(target: Target, mode: number): number {
  return change(target, () => ({ mode: mode & 0o7777 }));
}

/** As the kernel, removes the bits with which a program gets its owner. -1 keeps an id. */
function changeOwner(call: TracedCall, target: Target, { uid, gid }: { uid: number; gid: number }): number {
  if (!call.state.credentials.isRoot && uid !== -1 && uid !== call.state.credentials.uids.effective) return EPERM;
  return change(target, (seen) => {
    const isFile = (seen.mode & S_IFMT) === constants.S_IFREG;
    const cleared = (seen.mode & 0o010) === 0 ? 0o4000 : 0o6000;
    return {
      uid: uid === -1 ? seen.uid : uid,
      gid: gid === -1 ? seen.gid : gid,
      ...(isFile && (seen.mode & cleared) !== 0 ? { mode: seen.mode & 0o7777 & ~cleared } : {}),
    };
  });
}

const W_OK = 2;
const X_OK = 1;

/** Root may read and write everything, and execute what anybody may execute. */
function checkAccess({ file, through, readonly }: Target, wanted: number): number {
  const { mode } = seeFile(file, through);
  if ((wanted & W_OK) !== 0 && readonly) return EROFS;
  const may = (mode & S_IFMT) === S_IFDIR || (mode & S_IFMT) === S_IFLNK || (mode & 0o111) !== 0;
  return (wanted & X_OK) === 0 || may ? 0 : EACCES;
}

const CAPABILITY = 'security.capability';

/** The kernel refuses capabilities of files, so they are recorded. Other attributes are set by the kernel. */
function setAttribute(call: TracedCall, target: Target, replace: (() => void) | undefined): number | undefined {
  const name = call.string(1);
  if (target.readonly) return EROFS;
  if (name.startsWith('trusted.') || name.startsWith('user.mkimage.')) return EPERM;
  if (name === CAPABILITY) {
    const value = call.tracee.read(call.tracee.argument(2), call.number(3));
    return change(target, () => ({ capability: value.toString('base64') }));
  }
  replace?.();
  return undefined;
}

function setByPath(call: TracedCall, follow: boolean): number | undefined {
  const target = byPath(call, 0, follow);
  return setAttribute(call, target, () => call.replace(0, target.file));
}

const ids = (call: TracedCall, index: number) => ({ uid: call.number(index), gid: call.number(index + 1) });

export const ATTRIBUTE_CALLS: Readonly<Record<string, Handler>> = {
  stat: (call) => show(call, byPath(call, 0, true), { form: toStat, index: 1 }),
  lstat: (call) => show(call, byPath(call, 0, false), { form: toStat, index: 1 }),
  fstat: (call) => show(call, byDescriptor(call, call.number(0)), { form: toStat, index: 1 }),
  newfstatat: (call) => show(call, byBoth(call, 0, call.number(3)), { form: toStat, index: 2 }),
  statx: (call) => show(call, byBoth(call, 0, call.number(2)), { form: toStatx, index: 4 }),
  access: (call) => checkAccess(byPath(call, 0, true), call.number(1)),
  faccessat: (call) => checkAccess(byBoth(call, 0, 0), call.number(2)),
  faccessat2: (call) => checkAccess(byBoth(call, 0, call.number(3)), call.number(2)),
  chmod: (call) => changeMode(byPath(call, 0, true), call.number(1)),
  fchmod: (call) => changeMode(byDescriptor(call, call.number(0)), call.number(1)),
  fchmodat: (call) => changeMode(byBoth(call, 0, 0), call.number(2)),
  fchmodat2: (call) => changeMode(byBoth(call, 0, call.number(3)), call.number(2)),
  chown: (call) => changeOwner(call, byPath(call, 0, true), ids(call, 1)),
  lchown: (call) => changeOwner(call, byPath(call, 0, false), ids(call, 1)),
  fchown: (call) => changeOwner(call, byDescriptor(call, call.number(0)), ids(call, 1)),
  fchownat: (call) => changeOwner(call, byBoth(call, 0, call.number(4)), ids(call, 2)),
  setxattr: (call) => setByPath(call, true),
  lsetxattr: (call) => setByPath(call, false),
  fsetxattr: (call) => setAttribute(call, byDescriptor(call, call.number(0)), undefined),
};
