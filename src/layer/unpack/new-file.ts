/** Makes objects as an archive describes them, at a place that does not exist yet. The caller decides the place. */
import { closeSync, constants, fchmodSync, fchownSync, futimesSync, openSync, writeSync } from 'node:fs';
import { hostModeOf, makeNode, setAttributes, setXattr, toDiskTime, writeRecord } from '../../host/index.ts';
import type { TarEntry } from '../../tar/index.ts';
import type { Owners } from './apply-target.ts';
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
  finish(owners: Owners): void {
    const { uid, gid, mode, mtime, path } = this.#entry;
    try {
      if (owners === 'set') fchownSync(this.#descriptor, uid, gid);
      setEntryXattrs(this.#textPath, this.#entry);
      if (owners === 'recorded') recordEntry(this.#textPath(), this.#entry);
      fchmodSync(this.#descriptor, owners === 'recorded' ? hostModeOf({ type: 'file', mode }) : mode);
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
export function finishDirectory(path: string | Buffer, { mode, mtime }: TarEntry, owners: Owners): void {
  const descriptor = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    fchmodSync(descriptor, owners === 'recorded' ? hostModeOf({ type: 'directory', mode }) : mode);
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

/** Records the attributes that the object cannot have. Only files and directories can have a record; other objects belong to root. */
export function recordEntry(file: string, entry: TarEntry): void {
  const { type } = entry;
  if (type === 'file' || type === 'directory' || type === 'char' || type === 'block')
    writeRecord(file, { ...entry, type });
}

/** A device node that the kernel refuses to this user: an empty file with a record. */
export function makeRecordedNode(file: string | Buffer, textPath: string, entry: TarEntry): void {
  closeSync(openSync(file, 'wx', 0o600));
  recordEntry(textPath, entry);
  setAttributes(file, { mtime: toDiskTime(entry.mtime) });
}

export interface DescribedPlace {
  readonly file: string | Buffer;
  readonly text: () => string;
  readonly owners: Owners;
}

/** Sets owner and mode of a directory without an entry: those of the directory below, or containerd's default. */
export function describeDirectory(
  { file, text, owners }: DescribedPlace,
  { uid, gid, mode }: { readonly uid: number; readonly gid: number; readonly mode: number } = DEFAULT_DIRECTORY,
): void {
  if (owners === 'set') setAttributes(file, { uid, gid });
  const entry = { type: 'directory', uid, gid, mode: mode & 0o7777 } as const;
  if (owners === 'recorded') writeRecord(text(), entry);
  setAttributes(file, { mode: owners === 'recorded' ? hostModeOf(entry) : mode });
}

const DEFAULT_DIRECTORY = { uid: 0, gid: 0, mode: 0o755 };
