/** Modes as Go has them (`os.FileMode`), which fsutil sends instead of `st_mode`. */

/** The bits of Go that say what an entry is, and those of the system. */
const KINDS = [
  { go: 2 ** 31, host: 0o040000, type: 'directory' },
  { go: 2 ** 27, host: 0o120000, type: 'symlink' },
  { go: 2 ** 26 + 2 ** 21, host: 0o020000, type: 'char' },
  { go: 2 ** 26, host: 0o060000, type: 'block' },
  { go: 2 ** 25, host: 0o010000, type: 'fifo' },
  { go: 2 ** 24, host: 0o140000, type: 'socket' },
  { go: 0, host: 0o100000, type: 'file' },
] as const;
const TYPE_BITS = 2 ** 31 + 2 ** 27 + 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21;

/** setuid, setgid and sticky. */
const SPECIAL = [
  { go: 2 ** 23, host: 0o4000 },
  { go: 2 ** 22, host: 0o2000 },
  { go: 2 ** 20, host: 0o1000 },
] as const;

export type EntryType = (typeof KINDS)[number]['type'];

/** undefined: a type that Go does not have. */
export function typeOfMode(mode: number): EntryType | undefined {
  const bits = (mode & TYPE_BITS) >>> 0;
  return KINDS.find(({ go }) => go === bits)?.type;
}

/** The low 12 bits of `st_mode`. */
export function permissionsOfMode(mode: number): number {
  return SPECIAL.reduce((bits, { go, host }) => ((mode & go) === 0 ? bits : bits | host), mode & 0o777);
}

export function toGoMode(mode: number): number {
  const kind = KINDS.find(({ host }) => host === (mode & 0o170000));
  const special = SPECIAL.reduce((bits, { go, host }) => ((mode & host) === 0 ? bits : bits + go), 0);
  return (kind?.go ?? 0) + special + (mode & 0o777);
}
