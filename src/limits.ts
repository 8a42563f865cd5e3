/**
 * Limits for untrusted input. There is one set for the whole process, because readers of archives and answers are in many rooms.
 * The engine sets it once from the environment, before it reads any input. docs/limits.md has the same table for users.
 */
import { MkimageError } from './errors.ts';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** The part of the variable's name after `MKIMAGE_LIMIT_`, and the default value. */
const DEFAULTS = {
  /** Bytes of an archive that is a context, uncompressed. */
  CONTEXT_BYTES: 64 * GIB,
  /** Entries of any tar archive: contexts, layers, images, archives that ADD unpacks. */
  ARCHIVE_ENTRIES: 500_000,
  /** Characters of all names, link targets and attributes of an archive, because a listing keeps them in memory. */
  ARCHIVE_NAMES: 128 * MIB,
  /** Characters of the paths of directories that have no entry of their own in an archive. */
  ARCHIVE_IMPLIED: 16 * MIB,
  /** Path components that are resolved for an archive's directories and symlinks, in total. */
  ARCHIVE_STEPS: 2_000_000,
  /** Bytes of one pax header or GNU long name. */
  ARCHIVE_HEADER: MIB,
  /** Bytes that compressed data may unpack to, whatever the compressed size. */
  UNPACKED_BYTES: GIB,
  /** Above UNPACKED_BYTES: unpacked bytes per compressed byte. */
  UNPACKED_RATIO: 200,
  /** Bytes of one file fetched from a URL. */
  FETCH_BYTES: 64 * GIB,
  /** Seconds that the answer of a server may take. */
  FETCH_SECONDS: 6 * 3600,
  /** Least bytes per second of an answer, measured over a minute; 0: no minimum. */
  FETCH_RATE: KIB,
  /** Redirects of one request. */
  REDIRECTS: 10,
  /** Nesting depth of untrusted JSON: manifests, configs, indexes. */
  JSON_DEPTH: 100,
};

export type LimitName = keyof typeof DEFAULTS;
export type Limits = Readonly<Record<LimitName, number>>;

export const DEFAULT_LIMITS: Limits = DEFAULTS;

let current: Limits = DEFAULTS;

/** The limits of this process. */
export function getLimits(): Limits {
  return current;
}

/** Sets the limits of this process. */
export function setLimits(wanted: Limits): void {
  current = wanted;
}

/** Reads the limits from `MKIMAGE_LIMIT_<NAME>`: an integer, with K, M or G for binary multiples; 0: no limit. Throws `usage`. */
export function readLimits(environment: Readonly<Record<string, string | undefined>>): Limits {
  const names = Object.keys(DEFAULTS) as LimitName[];
  return Object.fromEntries(names.map((name) => [name, readLimit(name, environment[variableOf(name)])])) as Limits;
}

/** The name of the environment variable for a limit. */
export function variableOf(name: LimitName): string {
  return `MKIMAGE_LIMIT_${name}`;
}

/** The error for an exceeded limit. Its hint says how to change the limit. */
export function createLimitError(name: LimitName, message: string): MkimageError {
  return new MkimageError('limit', message, {
    hint: `if you trust where it comes from, set ${variableOf(name)} to ${name === 'FETCH_RATE' ? 'less' : 'more'}`,
    evidence: { limit: getLimits()[name], variable: variableOf(name) },
  });
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: KIB, M: MIB, G: GIB };

function readLimit(name: LimitName, text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULTS[name];
  const [, digits, unit = ''] = /^(\d{1,15})([KMG]?)$/i.exec(text) ?? [];
  if (digits === undefined) throw new MkimageError('usage', `read ${variableOf(name)}: \`${text}\` is not a number`);
  const value = Number(digits) * UNITS[unit.toUpperCase()]!;
  // 0 turns a limit off: FETCH_RATE is a minimum, so 0 does that; all others are maximums and become infinite.
  return value === 0 && name !== 'FETCH_RATE' ? Number.POSITIVE_INFINITY : value;
}
