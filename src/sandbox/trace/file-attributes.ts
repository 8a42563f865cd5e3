/** The attributes that a traced step sees: those on the disk, replaced by the recorded ones. */
import { type BigIntStats, chmodSync, constants, lstatSync, statSync } from 'node:fs';
import {
  encodeDevice,
  hostModeOf,
  type RecordedAttributes,
  readRecord,
  thisUser,
  writeRecord,
} from '../../host/index.ts';
import { textOfBytes } from '../../tar/index.ts';

export interface SeenAttributes {
  readonly stats: BigIntStats;
  /** With the type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdev: bigint;
  readonly record: RecordedAttributes | undefined;
}

const { S_IFMT, S_IFDIR, S_IFREG, S_IFCHR, S_IFBLK } = constants;

/** `through`: follows a link, for descriptors in /proc. */
export function seeFile(file: Buffer, through = false): SeenAttributes {
  const stats = through ? statSync(file, { bigint: true }) : lstatSync(file, { bigint: true });
  const type = Number(stats.mode) & S_IFMT;
  const own = thisUser();
  const plain = {
    stats,
    mode: Number(stats.mode),
    uid: Number(stats.uid) === own.uid ? 0 : Number(stats.uid),
    gid: Number(stats.gid) === own.gid ? 0 : Number(stats.gid),
    rdev: stats.rdev,
    record: undefined,
  };
  const record = type === S_IFREG || type === S_IFDIR ? recordOf(file, through) : undefined;
  if (record === undefined) return plain;
  const { uid, gid, mode, device } = record;
  const kind = record.type === undefined ? type : record.type === 'char' ? S_IFCHR : S_IFBLK;
  return {
    stats,
    mode: kind | ((mode ?? plain.mode) & 0o7777),
    uid,
    gid,
    rdev: device === undefined ? plain.rdev : encodeDevice(device),
    record,
  };
}

/** A new file that its owner may not read has no record yet. */
function recordOf(file: Buffer, through: boolean): RecordedAttributes | undefined {
  try {
    return readRecord(textOfBytes(file), through);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    throw error;
  }
}

export interface NewAttributes {
  readonly uid?: number;
  readonly gid?: number;
  /** Without the type. */
  readonly mode?: number;
  readonly type?: 'char' | 'block';
  readonly device?: { readonly major: number; readonly minor: number };
  readonly capability?: string | undefined;
}

/** Changes attributes, on the disk as far as possible, and in the record. Links and pipes have no record and keep their owner. */
export function changeFile(file: Buffer, change: NewAttributes, through = false): void {
  const seen = seeFile(file, through);
  const kind = Number(seen.stats.mode) & S_IFMT;
  const mode = change.mode ?? seen.mode & 0o7777;
  if (kind !== S_IFREG && kind !== S_IFDIR) {
    if (change.mode !== undefined && kind !== constants.S_IFLNK) chmodSync(file, mode);
    return;
  }
  const text = textOfBytes(file);
  const before = seen.record;
  const type = change.type ?? before?.type ?? (kind === S_IFDIR ? 'directory' : 'file');
  const device = change.device ?? before?.device;
  const capability = change.capability ?? before?.xattrs?.['security.capability'];
  // The mode first: a file that its owner may not write to takes no record.
  const disk = type === 'char' || type === 'block' ? 0o600 : hostModeOf({ type, mode });
  if ((Number(seen.stats.mode) & 0o7777) !== disk) chmodSync(file, disk);
  writeRecord(
    text,
    {
      type,
      uid: change.uid ?? seen.uid,
      gid: change.gid ?? seen.gid,
      mode,
      ...(device === undefined ? {} : { device }),
      ...(capability === undefined ? {} : { xattrs: { 'security.capability': capability } }),
    },
    { replaces: before !== undefined, through },
  );
}
