import { MkimageError } from '../../errors.ts';

/**
 * Calls functions of the C library that Node does not offer. Uses a foreign function module, which is loaded at the first call
 * (about 10 ms).
 */
export type Foreign = (...args: unknown[]) => number;

interface Library {
  readonly declare: (declaration: string) => Foreign;
  readonly errno: () => number;
  readonly address: (bytes: Uint8Array) => bigint;
}

let loaded: Library | undefined;

/**
 * Binds a function of the C library by its declaration: `int mknod(const void *path, uint mode, ulong device)`. The module is loaded
 * when the function is called for the first time. The call throws `unsupported` if the module has no binary for this machine.
 */
export function bindForeign(declaration: string): Foreign {
  let bound: Foreign | undefined;
  return (...args) => {
    bound ??= getLibrary().declare(declaration);
    return bound(...args);
  };
}

/** Returns the errno of the last foreign call. Only valid directly after a call that failed. */
export function readErrno(): number {
  return getLibrary().errno();
}

/** Returns the memory address of bytes. It is valid as long as the object is referenced. */
export function addressOf(bytes: Uint8Array): bigint {
  return getLibrary().address(bytes);
}

/** Creates an error like those of `node:fs` for the foreign call that just failed. */
export function createSystemError(call: string, path: string, errno = readErrno()): NodeJS.ErrnoException {
  const code = ERROR_NAMES[errno] ?? `errno ${errno}`;
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, errno: -errno, syscall: call, path });
}

/** Converts text or bytes to a C string. */
export function toCString(text: string | Buffer): Buffer {
  return Buffer.concat([typeof text === 'string' ? Buffer.from(text) : text, Buffer.of(0)]);
}

function getLibrary(): Library {
  loaded ??= loadLibrary();
  return loaded;
}

/**
 * Loads the addon of koffi, which is published as one package for each platform. The package `koffi` itself is not used: it adds
 * deprecated names, and a script that compiles the addon at install time.
 */
function loadLibrary(): Library {
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
      hint: 'extended attributes, device nodes and steps need this npm package; it is available for Linux on most processors',
    });
  }
}

/** errno(3): the errors that callers handle or that users may see. */
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
