import { MkimageError } from '../errors.ts';
import { fsName } from '../tar/index.ts';

/**
 * The system calls that Node has no words for, through one foreign function module that is loaded when the first of them is
 * made (about 10 ms). All act on the object itself and never follow a symlink in the last component.
 */

type Foreign = (...args: unknown[]) => number;
type Name = 'llistxattr' | 'lgetxattr' | 'lsetxattr' | 'mknod' | 'utimensat' | 'pipe2' | 'syscall';
type Library = Readonly<Record<Name, Foreign>> & { readonly errno: () => number };

const DECLARATIONS: readonly string[] = [
  'long llistxattr(const void *path, void *list, ulong size)',
  'long lgetxattr(const void *path, const void *name, void *value, ulong size)',
  'int lsetxattr(const void *path, const void *name, const void *value, ulong size, int flags)',
  'int mknod(const void *path, uint mode, ulong device)',
  'int utimensat(int directory, const void *path, const void *times, int flags)',
  'int pipe2(void *fds, int flags)',
  'long syscall(long number, ulong a, ulong b, ulong c)',
];

const ENODATA = 61;
const ERANGE = 34;
const EOPNOTSUPP = 95;
const ENOSYS = 38;
const ERROR_NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  13: 'EACCES',
  17: 'EEXIST',
  20: 'ENOTDIR',
  22: 'EINVAL',
  28: 'ENOSPC',
  30: 'EROFS',
  36: 'ENAMETOOLONG',
  95: 'EOPNOTSUPP',
};

let loaded: Library | undefined;

function library(): Library {
  loaded ??= load();
  return loaded;
}

function load(): Library {
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    const koffi = createRequire(import.meta.url)('koffi');
    const libc = koffi.load(null);
    const calls = DECLARATIONS.map((text) => [/(\w+)\(/.exec(text)?.[1], libc.func(text)]);
    return { ...(Object.fromEntries(calls) as Record<Name, Foreign>), errno: () => koffi.errno() };
  } catch (cause) {
    throw new MkimageError('unsupported', `load koffi: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      hint: 'extended attributes, device nodes and steps need the npm package koffi with its prebuilt binary for this platform',
    });
  }
}

/** Names of the extended attributes of a path; none where the filesystem has no such thing. Throws like `node:fs`. */
export function listXattrs(path: string): readonly string[] {
  const name = nulTerminated(fsName(path));
  const list = grow((buffer) => library().llistxattr(name, buffer, buffer.length), 'llistxattr', path);
  if (list === undefined || list.length === 0) return [];
  return list.subarray(0, -1).toString('utf8').split('\0');
}

/** Value of one extended attribute; undefined if it is not set. Throws like `node:fs`. */
export function getXattr(path: string, attribute: string): Buffer | undefined {
  const [name, key] = [nulTerminated(fsName(path)), nulTerminated(attribute)];
  return grow((buffer) => library().lgetxattr(name, key, buffer, buffer.length), 'lgetxattr', path);
}

/** Sets one extended attribute. Throws like `node:fs`. */
export function setXattr(path: string, attribute: string, value: Uint8Array): void {
  const result = library().lsetxattr(nulTerminated(fsName(path)), nulTerminated(attribute), value, value.length, 0);
  if (result !== 0) throw systemError('lsetxattr', path);
}

/** Makes a device node, fifo or socket; `mode` has the file type. Subject to the umask, as mknod(2). Throws like `node:fs`. */
export function makeNode(path: string, mode: number, device: { readonly major: number; readonly minor: number }): void {
  const result = library().mknod(nulTerminated(fsName(path)), mode, deviceNumber(device));
  if (result !== 0) throw systemError('mknod', path);
}

/** Sets access and modification time to the nanosecond, of a symlink too. Throws like `node:fs`. */
export function setTimes(path: string, times: { readonly atimeNs: bigint; readonly mtimeNs: bigint }): void {
  const spec = new BigInt64Array([...secondsOf(times.atimeNs), ...secondsOf(times.mtimeNs)]);
  const [AT_FDCWD, AT_SYMLINK_NOFOLLOW] = [-100, 0x100];
  const result = library().utimensat(AT_FDCWD, nulTerminated(fsName(path)), spec, AT_SYMLINK_NOFOLLOW);
  if (result !== 0) throw systemError('utimensat', path);
}

/** A real pipe (Node's own `pipe` is a socket pair, which `/dev/stdout` cannot open). Both ends close on exec. */
export function openPipe(): { readonly read: number; readonly write: number } {
  const [fds, O_CLOEXEC] = [new Int32Array(2), 0o2000000];
  if (library().pipe2(fds, O_CLOEXEC) !== 0) throw systemError('pipe2', '');
  return { read: fds[0]!, write: fds[1]! };
}

/** Marks every descriptor but 0, 1 and 2 close-on-exec, so that no child inherits what this process inherited. */
export function closeInheritedOnExec(): void {
  const [SYS_close_range, CLOSE_RANGE_CLOEXEC] = [436, 4];
  if (library().syscall(SYS_close_range, 3, 0xffffffff, CLOSE_RANGE_CLOEXEC) !== 0) {
    if (![ENOSYS, 22].includes(library().errno())) throw systemError('close_range', '');
  }
}

/** dev_t of the kernel's 64-bit layout. */
export function deviceNumber({ major, minor }: { readonly major: number; readonly minor: number }): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return ((high & 0xfffff000n) << 32n) | ((high & 0xfffn) << 8n) | ((low & 0xffffff00n) << 12n) | (low & 0xffn);
}

/** The two halves of a dev_t. */
export function deviceOf(number: bigint): { readonly major: number; readonly minor: number } {
  return {
    major: Number(((number >> 32n) & 0xfffff000n) | ((number >> 8n) & 0xfffn)),
    minor: Number(((number >> 12n) & 0xffffff00n) | (number & 0xffn)),
  };
}

/** Calls with a buffer that is enlarged while it is too small; undefined if there is no such attribute or none at all. */
function grow(call: (buffer: Buffer) => number, name: string, path: string): Buffer | undefined {
  for (let size = 1024; size <= 1 << 20; size *= 8) {
    const buffer = Buffer.allocUnsafe(size);
    const length = call(buffer);
    if (length >= 0) return buffer.subarray(0, length);
    const errno = library().errno();
    if (errno === ENODATA || errno === EOPNOTSUPP) return undefined;
    if (errno !== ERANGE) throw systemError(name, path, errno);
  }
  throw new MkimageError('limit', `read extended attributes of \`${path}\`: more than a megabyte`);
}

function nulTerminated(text: string | Buffer): Buffer {
  return Buffer.concat([typeof text === 'string' ? Buffer.from(text) : text, Buffer.of(0)]);
}

function secondsOf(nanoseconds: bigint): [bigint, bigint] {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return [(nanoseconds - rest) / 1_000_000_000n, rest];
}

function systemError(call: string, path: string, errno = library().errno()): Error {
  const code = ERROR_NAMES[errno] ?? `errno ${errno}`;
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, errno: -errno, syscall: call, path });
}
