/** Makes objects as an archive describes them, at a place that does not exist yet. The caller decides the place. */
import { closeSync, constants, fchmodSync, fchownSync, futimesSync, openSync, writeSync } from 'node:fs';
import { makeNode, setXattr, toDiskTime } from '../../host/index.ts';
import type { TarEntry } from '../../tar/index.ts';
import { isRefusal, isTrusted, unpackError } from './unpack-rules.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_DIRECTORY, S_IFCHR, S_IFBLK, S_IFIFO } = constants;
const NEW_FILE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
const NODE_KIND = { char: S_IFCHR, block: S_IFBLK, fifo: S_IFIFO } as const;

/** A regular file that is being written. The constructor lets `EEXIST` through: another object may be at its place. */
export class NewFile {
  readonly #descriptor: number;
  readonly #textPath: () => string;
  readonly #entry: TarEntry;

  constructor(path: string | Buffer, textPath: () => string, entry: TarEntry) {
    this.#descriptor = openSync(path, NEW_FILE, 0o600);
    this.#textPath = textPath;
    this.#entry = entry;
  }

  write(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    } catch (error) {
      throw unpackError(this.#entry.path, error);
    }
  }

  /** Sets the attributes, owner first: a change of owner clears set-user-ID bits and capabilities. Always closes the file. */
  finish(ownership: boolean): void {
    const { uid, gid, mode, mtime, path } = this.#entry;
    try {
      if (ownership) fchownSync(this.#descriptor, uid, gid);
      setEntryXattrs(this.#textPath, this.#entry);
      fchmodSync(this.#descriptor, mode);
      futimesSync(this.#descriptor, toDiskTime(mtime), toDiskTime(mtime));
    } catch (error) {
      throw unpackError(path, error);
    } finally {
      this.close();
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Sets the final mode and time of a directory. */
export function finishDirectory(path: string | Buffer, { mode, mtime }: TarEntry): void {
  const descriptor = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    fchmodSync(descriptor, mode);
    futimesSync(descriptor, toDiskTime(mtime), toDiskTime(mtime));
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a device or a FIFO. */
export function makeEntryNode(path: string, { type, mode, device }: TarEntry): void {
  const kind = NODE_KIND[type as keyof typeof NODE_KIND];
  makeNode(path, kind | (mode & 0o777), device ?? { major: 0, minor: 0 });
}

/** Sets the extended attributes. `textPath` returns the path for calls that accept only text; it is called only if needed. */
export function setEntryXattrs(textPath: () => string, entry: TarEntry): void {
  for (const [name, value] of Object.entries(entry.xattrs ?? {})) {
    if (isTrusted(name)) continue;
    try {
      setXattr(textPath(), name, Buffer.from(value, 'base64'));
    } catch (error) {
      if (!isRefusal(error, name, entry)) throw error;
    }
  }
}
