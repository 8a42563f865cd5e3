import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '../../oci/index.ts';
import {
  decodeStatTable,
  digestOfRow,
  type FileStamp,
  findRow,
  StatRows,
  type StatTable,
  stampOfRow,
  type Xattrs,
  xattrsOfRow,
} from './stat-table.ts';

/** Rows that nobody asked for in this many saves are dropped. */
const MAX_AGE = 30;
/** A file changed this shortly before it was read may change again without its times showing it. */
const RACY_MS = 100;
/** The same on file systems that keep whole seconds. */
const RACY_COARSE_MS = 2000;

/**
 * What the files of one context were when they were last read, so that an unchanged file is not read again. It can be lost at any
 * time: a missing, torn or unwritable file is an empty cache, and nothing here throws.
 */
export class StatCache {
  readonly #file: string | undefined;
  readonly #table: StatTable | undefined;
  /** Which rows of the table were asked for. */
  readonly #used: Uint8Array;
  /** Files of this build that are not in the table, or no longer as they were; their numbers come after its rows. */
  readonly #fresh = new StatRows();
  /** Which of them were looked into and may be believed next time. */
  readonly #isLasting: boolean[] = [];
  #isSaved = true;
  #since: number | undefined;

  private constructor(file: string | undefined, table: StatTable | undefined) {
    this.#file = file;
    this.#table = table;
    this.#used = new Uint8Array(table?.rows.size ?? 0);
  }

  /** `file` undefined: remember nothing beyond this build. */
  static open(file: string | undefined): StatCache {
    return new StatCache(file, file === undefined ? undefined : readTable(file));
  }

  /** True if no earlier build left anything. */
  get isEmpty(): boolean {
    return this.#table === undefined;
  }

  /** The number of a file that an earlier build looked into, unchanged since; undefined if it is none. */
  find(path: string, stamp: FileStamp): number | undefined {
    const row = this.#table === undefined ? undefined : findRow(this.#table, path, stamp);
    if (row !== undefined) this.#used[row] = 1;
    return row;
  }

  /** A number for a file of which nothing is known yet. */
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

  /** The sha256 of the file's bytes, if it is known. */
  digest(number: number): Digest | undefined {
    return number < this.#used.length
      ? digestOfRow(this.#table!, number)
      : this.#fresh.digest(number - this.#used.length);
  }

  /** Its extended attributes (setting one changes the ctime); `{}` if it has none, undefined if they are not known. */
  xattrs(number: number): Xattrs | undefined {
    return number < this.#used.length
      ? xattrsOfRow(this.#table!, number, this.path(number))
      : this.#fresh.xattrs(number - this.#used.length);
  }

  /**
   * Keeps what was found out about a file; returns its number, which may be another. `isLasting` false, if it was not the same
   * file before and after it was read: for this build only.
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

  /** Writes the file anew if anything was remembered: to a temporary name, then renamed. */
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

  /** A row of the table with what is known of it, to be added to. */
  #renew(row: number): number {
    const [path, stamp] = [this.path(row), this.stamp(row)];
    return this.#fresh.add({ path, stamp, digest: this.digest(row), xattrs: this.xattrs(row), age: 0 });
  }

  /** What the next build is to know. */
  #rows(): StatRows {
    const rows = new StatRows();
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

  /** True if the file changed so shortly before reading began that a later change could have the same times. */
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

/** What time it is for the file system; NaN if it cannot be told, and then every file counts as just changed. */
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

/** A name with raw bytes in it (lone surrogates) cannot be written as UTF-8: it is not remembered. */
function isWellFormed(path: string): boolean {
  return !/\p{Surrogate}/u.test(path);
}
