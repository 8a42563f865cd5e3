/**
 * How much foreign input may ask for. One set for the whole process, because readers of archives and answers stand everywhere;
 * the engine sets it once, from the environment, before anything is read. docs/limits.md has the same table for people.
 */
import { MkimageError } from './errors.ts';

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** What stands behind `MKIMAGE_LIMIT_` in the name of the variable, and the value without it. */
const DEFAULTS = {
  /** Bytes of an archive that is a context, unpacked. */
  CONTEXT_BYTES: 64 * GIB,
  /** Entries of any tar archive: contexts, layers, images, what ADD unpacks. */
  ARCHIVE_ENTRIES: 500_000,
  /** Characters of all names, link targets and attributes of an archive: who lists it holds them in memory. */
  ARCHIVE_NAMES: 128 * MIB,
  /** Characters of the paths of directories that an archive has only by what lies in them. */
  ARCHIVE_IMPLIED: 16 * MIB,
  /** Names that are looked at on the way to an archive's directories, and along its symlinks, in all. */
  ARCHIVE_STEPS: 2_000_000,
  /** Bytes of one pax header or GNU long name. */
  ARCHIVE_HEADER: MIB,
  /** Bytes that may come out of compressed data whatever went in. */
  UNPACKED_BYTES: GIB,
  /** Beyond that: bytes out for every byte in. */
  UNPACKED_RATIO: 200,
  /** Bytes of one file that is fetched from a URL. */
  FETCH_BYTES: 64 * GIB,
  /** Seconds that one answer of a server may take. */
  FETCH_SECONDS: 6 * 3600,
  /** Least bytes a second of an answer, over a minute; 0 is none. */
  FETCH_RATE: KIB,
  /** Redirects that one request follows. */
  REDIRECTS: 10,
  /** How deep JSON from outside may be nested: manifests, configs, indexes. */
  JSON_DEPTH: 100,
};

export type LimitName = keyof typeof DEFAULTS;
export type Limits = Readonly<Record<LimitName, number>>;

export const DEFAULT_LIMITS: Limits = DEFAULTS;

let current: Limits = DEFAULTS;

/** The limits of this process. */
export function limits(): Limits {
  return current;
}

/** Sets the limits of this process. */
export function setLimits(wanted: Limits): void {
  current = wanted;
}

/** The limits by `MKIMAGE_LIMIT_<NAME>`: a whole number, with K, M or G for its binary multiples; 0 is none. Throws `usage`. */
export function readLimits(environment: Readonly<Record<string, string | undefined>>): Limits {
  const names = Object.keys(DEFAULTS) as LimitName[];
  return Object.fromEntries(names.map((name) => [name, readLimit(name, environment[variableOf(name)])])) as Limits;
}

/** The variable that sets a limit. */
export function variableOf(name: LimitName): string {
  return `MKIMAGE_LIMIT_${name}`;
}

/** The failure that a limit was passed: it says how to raise it. */
export function limitError(name: LimitName, message: string): MkimageError {
  return new MkimageError('limit', message, {
    hint: `if you trust where it comes from, set ${variableOf(name)} to ${name === 'FETCH_RATE' ? 'less' : 'more'}`,
    evidence: { limit: limits()[name], variable: variableOf(name) },
  });
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: KIB, M: MIB, G: GIB };

function readLimit(name: LimitName, text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULTS[name];
  const [, digits, unit = ''] = /^(\d{1,15})([KMG]?)$/i.exec(text) ?? [];
  if (digits === undefined) throw new MkimageError('usage', `read ${variableOf(name)}: \`${text}\` is no number`);
  const value = Number(digits) * UNITS[unit.toUpperCase()]!;
  // No least rate is none at all; of everything else, none is as much as there is.
  return value === 0 && name !== 'FETCH_RATE' ? Number.POSITIVE_INFINITY : value;
}
