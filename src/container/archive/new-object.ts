/** New objects in a root that other processes may change meanwhile: attributes are set through a descriptor of the object. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  lchownSync,
  lutimesSync,
  openSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { MkimageError } from '../../errors.ts';
import { descriptorPath, makeNode, setXattrThrough, toDiskTime } from '../../host/index.ts';
import { type TarEntry, toFsName } from '../../tar/index.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, S_IFCHR, S_IFBLK, S_IFIFO } = constants;
const O_PATH = 0o10000000;
const NODE_KIND = { char: S_IFCHR, block: S_IFBLK, fifo: S_IFIFO } as const;

/** undefined: as in the archive, `none`: that of this process. */
export type NewOwner = { readonly uid: number; readonly gid: number } | 'none' | undefined;

export class NewFile {
  readonly #descriptor: number;
  readonly #entry: TarEntry;

  constructor(file: string, entry: TarEntry) {
    this.#descriptor = openSync(toFsName(file), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    this.#entry = entry;
  }

  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
  }

  /** A change of the owner clears set-user-ID bits and capabilities, so it comes first. */
  finish(owner: NewOwner): void {
    const { mode, mtime } = this.#entry;
    try {
      const { uid, gid } = ownerOf(this.#entry, owner) ?? {};
      if (uid !== undefined && gid !== undefined) fchownSync(this.#descriptor, uid, gid);
      setXattrs(descriptorPath(this.#descriptor), this.#entry);
      fchmodSync(this.#descriptor, mode);
      futimesSync(this.#descriptor, toDiskTime(mtime), toDiskTime(mtime));
    } finally {
      this.close();
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Makes a device or a FIFO. */
export function makeSpecial(file: string, { type, device }: TarEntry): void {
  makeNode(file, NODE_KIND[type as keyof typeof NODE_KIND] | 0o600, device ?? { major: 0, minor: 0 });
}

/** Sets owner, mode and time of an object that is no file. */
export function describeObject(file: string, entry: TarEntry, owner: NewOwner): void {
  const { uid, gid } = ownerOf(entry, owner) ?? {};
  const time = toDiskTime(entry.mtime);
  if (entry.type === 'symlink') {
    if (uid !== undefined && gid !== undefined) lchownSync(toFsName(file), uid, gid);
    lutimesSync(toFsName(file), time, time);
    return;
  }
  const descriptor = openSync(toFsName(file), O_PATH | O_NOFOLLOW);
  try {
    if (fstatSync(descriptor).isSymbolicLink())
      throw new MkimageError('store', `extract \`${entry.path}\`: another process replaced it`);
    const object = descriptorPath(descriptor);
    if (uid !== undefined && gid !== undefined) chownSync(object, uid, gid);
    setXattrs(object, entry);
    chmodSync(object, entry.mode);
    utimesSync(object, time, time);
  } finally {
    closeSync(descriptor);
  }
}

function ownerOf({ uid, gid }: TarEntry, owner: NewOwner): { readonly uid: number; readonly gid: number } | undefined {
  return owner === undefined ? { uid, gid } : owner === 'none' ? undefined : owner;
}

/** Those that are not of this machine only. */
function setXattrs(file: string, { xattrs = {} }: TarEntry): void {
  for (const [name, value] of Object.entries(xattrs)) {
    if (name === 'security.capability' || name.startsWith('user.'))
      setXattrThrough(file, name, Buffer.from(value, 'base64'));
  }
}
