import { MkimageError } from '../../errors.ts';

/**
 * Calls of the C library that Node has no words for, through one foreign function module that is loaded when the first of
 * them is made (about 10 ms).
 */
export type Foreign = (...args: unknown[]) => number;

interface Library {
  readonly declare: (declaration: string) => Foreign;
  readonly errno: () => number;
  readonly address: (bytes: Uint8Array) => bigint;
}

let loaded: Library | undefined;

/**
 * A function of the C library by its declaration, in the module's own notation: `int mknod(const void *path, uint mode,
 * ulong device)`. Nothing is loaded before the function is called for the first time. Calling throws `unsupported` if the
 * module has no binary for this machine.
 */
export function foreign(declaration: string): Foreign {
  let bound: Foreign | undefined;
  return (...args) => {
    bound ??= library().declare(declaration);
    return bound(...args);
  };
}

/** Number of the last error of a foreign call; only to be asked at once after one that failed. */
export function lastErrno(): number {
  return library().errno();
}

/** Where bytes lie in memory, for as long as something holds them. */
export function addressOf(bytes: Uint8Array): bigint {
  return library().address(bytes);
}

/** An error like those of `node:fs`, for the foreign call that just failed. */
export function systemError(call: string, path: string, errno = lastErrno()): NodeJS.ErrnoException {
  const code = ERROR_NAMES[errno] ?? `errno ${errno}`;
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, errno: -errno, syscall: call, path });
}

/** Text or bytes as a C string. */
export function nulTerminated(text: string | Buffer): Buffer {
  return Buffer.concat([typeof text === 'string' ? Buffer.from(text) : text, Buffer.of(0)]);
}

function library(): Library {
  loaded ??= load();
  return loaded;
}

/**
 * The addon of koffi as its author publishes it for each platform. The package `koffi` around it adds names that are out of
 * use and a script that would compile it at install time.
 */
function load(): Library {
  const name = `@koromix/koffi-${process.platform}-${process.arch}`;
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    const native = createRequire(import.meta.url)(name);
    const libc = native.load(null);
    return {
      declare: (declaration) => libc.func(declaration),
      errno: () => native.errno(),
      address: (bytes) => native.address(bytes),
    };
  } catch (cause) {
    throw new MkimageError('unsupported', `load ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      hint: 'extended attributes, device nodes and steps need that npm package, which is there for Linux on most processors',
    });
  }
}

/** errno(3): those that a caller looks at or a person reads. */
const ERROR_NAMES: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  4: 'EINTR',
  9: 'EBADF',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  16: 'EBUSY',
  17: 'EEXIST',
  18: 'EXDEV',
  20: 'ENOTDIR',
  21: 'EISDIR',
  22: 'EINVAL',
  24: 'EMFILE',
  28: 'ENOSPC',
  30: 'EROFS',
  36: 'ENAMETOOLONG',
  38: 'ENOSYS',
  39: 'ENOTEMPTY',
  40: 'ELOOP',
  61: 'ENODATA',
  95: 'EOPNOTSUPP',
  122: 'EDQUOT',
};
