import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '../../oci/index.ts';
import type { FileStamp } from './file-stamp.ts';
import {
  decodeStatTable,
  digestOfRow,
  findRow,
  StatRows,
  type StatTable,
  stampOfRow,
  type Xattrs,
  xattrsOfRow,
} from './stat-table.ts';

/** Rows that were not used in this many saves are dropped. */
const MAX_AGE = 30;
/** A file that changed less than this before it was read could change again without a visible change of its times. */
const RACY_MS = 100;
/** The same on file systems with times in whole seconds. */
const RACY_COARSE_MS = 2000;

/**
 * Remembers digests and attributes of the files of one context, so that unchanged files are not read again. It can be lost at any
 * time: a missing, damaged or unwritable file counts as an empty cache, and no method throws.
 */
export class StatCache {
  readonly #file: string | undefined;
  readonly #table: StatTable | undefined;
  /** The rows of the table that were used. */
  readonly #used: Uint8Array;
  /** New or changed files of this build. Their numbers follow the rows of the table. */
  readonly #fresh = new StatRows();
  /** Which of them were read and are reliable for the next build. */
  readonly #isLasting: boolean[] = [];
  #isSaved = true;
  #since: number | undefined;

  private constructor(file: string | undefined, table: StatTable | undefined) {
    this.#file = file;
    this.#table = table;
    this.#used = new Uint8Array(table?.rows.size ?? 0);
  }

  /** `file` undefined: the cache is for this build only. */
  static open(file: string | undefined): StatCache {
    return new StatCache(file, file === undefined ? undefined : readTable(file));
  }

  /** True if there is no data of an earlier build. */
  get isEmpty(): boolean {
    return this.#table === undefined;
  }

  /** The number of a file that is unchanged since an earlier build read it; else undefined. */
  find(path: string, stamp: FileStamp): number | undefined {
    const row = this.#table === undefined ? undefined : findRow(this.#table, path, stamp);
    if (row !== undefined) this.#used[row] = 1;
    return row;
  }

  /** A new number for an unknown file. */
  add(path: string, stamp: FileStamp): number {
    const row = this.#fresh.add({ path, stamp, digest: undefined, xattrs: undefined, age: 0 });
    return this.#used.length + row;
  }

  path(number: number): string {
    return number < this.#used.length ? this.#table!.paths[number]! : this.#fresh.path(number - this.#used.length);
  }

  stamp(number: number): FileStamp {
    return number < this.#used.length
      ? stampOfRow(this.#table!, number)
      : this.#fresh.stamp(number - this.#used.length);
  }

  /** The sha256 of the file's bytes, if known. */
  digest(number: number): Digest | undefined {
    return number < this.#used.length
      ? digestOfRow(this.#table!, number)
      : this.#fresh.digest(number - this.#used.length);
  }

  /** Its extended attributes (a change of them changes the ctime); `{}` if it has none, undefined if unknown. */
  xattrs(number: number): Xattrs | undefined {
    return number < this.#used.length
      ? xattrsOfRow(this.#table!, number, this.path(number))
      : this.#fresh.xattrs(number - this.#used.length);
  }

  /**
   * Stores facts about a file and returns its number, which may be new. If `isLasting` is false (the file changed while it was
   * read), they are for this build only.
   */
  remember(
    number: number,
    found: { readonly digest?: Digest; readonly xattrs?: Xattrs },
    { isLasting = true }: { readonly isLasting?: boolean } = {},
  ): number {
    const row = number < this.#used.length ? this.#renew(number) : number - this.#used.length;
    if (found.digest !== undefined) this.#fresh.setDigest(row, found.digest);
    if (found.xattrs !== undefined) this.#fresh.setXattrs(row, found.xattrs);
    this.#isLasting[row] = isLasting && !this.#isRacy(this.#fresh.stamp(row)) && isWellFormed(this.#fresh.path(row));
    if (this.#isLasting[row]) this.#isSaved = false;
    return this.#used.length + row;
  }

  /** Rewrites the file if there are new facts, by a temporary file and a rename. */
  save(): void {
    if (this.#file === undefined || this.#isSaved) return;
    const temporary = temporaryName(this.#file);
    try {
      const descriptor = openSync(temporary, 'wx', 0o600);
      try {
        for (const piece of this.#rows().encode()) writeFileSync(descriptor, piece);
      } finally {
        closeSync(descriptor);
      }
      renameSync(temporary, this.#file);
      this.#isSaved = true;
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  /** A copy of a row that can be extended. */
  #renew(row: number): number {
    const [path, stamp] = [this.path(row), this.stamp(row)];
    return this.#fresh.add({ path, stamp, digest: this.digest(row), xattrs: this.xattrs(row), age: 0 });
  }

  /** The rows for the next build. Those of a first build are usually all reliable, and then no copy is made. */
  #rows(): StatRows {
    if (this.#table === undefined && this.#areAllLasting()) return this.#fresh;
    const rows = new StatRows(this.#fresh.size + this.#used.length);
    const replaced = new Set<number>();
    for (let row = 0; row < this.#fresh.size; row++) {
      if (this.#isLasting[row] !== true) continue;
      const [path, stamp] = [this.#fresh.path(row), this.#fresh.stamp(row)];
      const before = this.#table?.rows.get(path);
      if (before !== undefined) replaced.add(before);
      rows.add({ path, stamp, digest: this.#fresh.digest(row), xattrs: this.#fresh.xattrs(row), age: 0 });
    }
    for (let row = 0; row < this.#used.length; row++) {
      const age = this.#used[row] === 1 ? 0 : this.#table!.ages[row]! + 1;
      if (age > MAX_AGE || replaced.has(row)) continue;
      rows.add({
        path: this.path(row),
        stamp: this.stamp(row),
        digest: this.digest(row),
        xattrs: this.xattrs(row),
        age,
      });
    }
    return rows;
  }

  #areAllLasting(): boolean {
    for (let row = 0; row < this.#fresh.size; row++) if (this.#isLasting[row] !== true) return false;
    return true;
  }

  /** True if the file changed so recently before reading that a later change could have the same times. */
  #isRacy(stamp: FileStamp): boolean {
    if (this.#file === undefined) return true;
    this.#since ??= clockOfFolder(this.#file);
    const slack = stamp.ctimeMs % 1000 === 0 ? RACY_COARSE_MS : RACY_MS;
    return !(Math.max(stamp.ctimeMs, stamp.mtimeMs) < this.#since - slack);
  }
}

function readTable(file: string): StatTable | undefined {
  try {
    return decodeStatTable(readFileSync(file));
  } catch {
    return undefined;
  }
}

/** The clock of the file system; NaN if unknown, and then every file counts as just changed. */
function clockOfFolder(file: string): number {
  const probe = temporaryName(file);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(probe, 'wx', 0o600);
    try {
      return fstatSync(descriptor).mtimeMs;
    } finally {
      closeSync(descriptor);
      rmSync(probe, { force: true });
    }
  } catch {
    return Number.NaN;
  }
}

function temporaryName(file: string): string {
  return `${file}.${randomBytes(6).toString('hex')}.tmp`;
}

/** A name with raw bytes (lone surrogates) cannot be written as UTF-8 and is not stored. */
function isWellFormed(path: string): boolean {
  return !/\p{Surrogate}/u.test(path);
}
