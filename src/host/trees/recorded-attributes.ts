/**
 * Attributes of files that the kernel refuses to a user without privileges: other owners, set-user-ID bits, modes without access for the
 * owner, capabilities, device nodes. They are kept in an attribute of the file, as JSON. A device node is an empty file with such a
 * record. Without a record, a file belongs to root.
 */
import { readFileSync } from 'node:fs';
import type { FileEntry } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { getXattr, getXattrThrough, setXattr, setXattrThrough } from '../calls/xattrs.ts';
import { hasSingleId } from '../namespaces/id-maps.ts';
import { isRoot } from '../owners/this-process.ts';

export const RECORD = 'user.mkimage.object';

export type RecordedAttributes = Pick<FileEntry, 'uid' | 'gid'> & {
  /** Undefined: the mode on the disk. */
  readonly mode?: number;
  readonly type?: 'char' | 'block';
  readonly device?: NonNullable<FileEntry['device']>;
  /** Base64, by name. */
  readonly xattrs?: Readonly<Record<string, string>>;
};

/** CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER and CAP_FSETID. */
const NEEDED = 0b1_1011n;

let answers: { readonly recorded: boolean; readonly privileged: boolean } | undefined;

/** Returns true if this process cannot own files of other users, so that their attributes must be recorded. */
export function recordsAttributes(): boolean {
  return askKernel().recorded;
}

/**
 * From now on records attributes even if the kernel would accept them: for steps that only seem to have several users. The choice is for
 * the whole process.
 */
export function recordAllAttributes(): void {
  answers = { privileged: false, recorded: true };
}

/** `privileged`: root, perhaps of a user namespace with a single id. It may set any mode and file capabilities. */
function askKernel(): NonNullable<typeof answers> {
  const privileged = isRoot() && hasCapabilities();
  answers ??= { privileged, recorded: !privileged || hasSingleId() };
  return answers;
}

function hasCapabilities(): boolean {
  const effective = BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'}`);
  return (effective & NEEDED) === NEEDED;
}

/** Returns the record of a file or directory; undefined if it has none. `file` is path text. */
export function readRecord(file: string, through = false): RecordedAttributes | undefined {
  const text = through ? getXattrThrough(file, RECORD) : getXattr(file, RECORD);
  return text === undefined ? undefined : JSON.parse(text.toString());
}

/** The mode on the disk. Without privileges, the owner needs access, and no program may get another user. */
export function hostModeOf({ type, mode }: Pick<FileEntry, 'type' | 'mode'>): number {
  if (askKernel().privileged) return mode;
  return (mode & 0o777) | (type === 'directory' ? 0o700 : 0o600);
}

export interface RecordOptions {
  /** The file has a record, which must not stay. */
  readonly replaces?: boolean;
  /** The file is the link of a descriptor in /proc. */
  readonly through?: boolean;
}

/** Records the attributes of a file or directory that it cannot have. */
export function writeRecord(
  file: string,
  entry: Pick<FileEntry, 'type' | 'uid' | 'gid' | 'mode' | 'device' | 'xattrs'>,
  { replaces = false, through = false }: RecordOptions = {},
): void {
  const { type, uid, gid, mode, device } = entry;
  const capability = askKernel().privileged ? undefined : entry.xattrs?.['security.capability'];
  const isDevice = type === 'char' || type === 'block';
  const isPlain = uid === 0 && gid === 0 && mode === hostModeOf(entry) && !isDevice && capability === undefined;
  if (isPlain && !replaces) return;
  const record: RecordedAttributes = {
    uid,
    gid,
    ...(mode === hostModeOf(entry) && !isDevice ? {} : { mode }),
    ...(isDevice ? { type, device: device ?? { major: 0, minor: 0 } } : {}),
    ...(capability === undefined ? {} : { xattrs: { 'security.capability': capability } }),
  };
  try {
    (through ? setXattrThrough : setXattr)(file, RECORD, Buffer.from(JSON.stringify(record)));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EOPNOTSUPP') throw cause;
    throw new MkimageError('store', `record owner of \`${file}\`: the file system has no extended attributes`, {
      cause,
      hint: 'set MKIMAGE_ROOT to a folder on another file system, for example a volume',
    });
  }
}

/** Replaces the attributes that the file has on the disk by the recorded ones. */
export function applyRecord(file: string, entry: FileEntry): FileEntry {
  const record = entry.type === 'file' || entry.type === 'directory' ? readRecord(file) : undefined;
  const { xattrs, ...others }: Partial<RecordedAttributes> = record ?? { uid: 0, gid: 0, mode: entry.mode };
  return {
    ...entry,
    ...others,
    ...(xattrs === undefined ? {} : { xattrs: { ...xattrs, ...entry.xattrs } }),
  };
}
