import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Digest } from '../../oci/index.ts';
import {
  decodeStatTable,
  digestOfRow,
  encodeStatTable,
  type FileStamp,
  findRow,
  type StatRow,
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
  readonly #used: Uint8Array;
  readonly #fresh = new Map<string, StatRow>();
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

  /** Whether it is a file that an earlier build looked at, unchanged since. */
  knows(path: string, stamp: FileStamp): boolean {
    return this.#table !== undefined && findRow(this.#table, path, stamp) !== undefined;
  }

  /** The sha256 of the file's bytes, if it is the file that was read then. */
  digest(path: string, stamp: FileStamp): Digest | undefined {
    const row = this.#row(path, stamp);
    return row === undefined ? undefined : digestOfRow(this.#table!, row);
  }

  /** Its extended attributes (setting one changes the ctime); `{}` if it has none, undefined if they are not known. */
  xattrs(path: string, stamp: FileStamp): Xattrs | undefined {
    const row = this.#row(path, stamp);
    return row === undefined ? undefined : xattrsOfRow(this.#table!, row, path);
  }

  /** Keeps what was found out about a file that had this stamp before and after it was read. */
  remember(path: string, stamp: FileStamp, found: { readonly digest?: Digest; readonly xattrs?: Xattrs }): void {
    if (this.#isRacy(stamp) || !isWellFormed(path)) return;
    const row = this.#row(path, stamp);
    const known = this.#fresh.get(path);
    this.#fresh.set(path, {
      path,
      stamp,
      digest: found.digest ?? known?.digest ?? (row === undefined ? undefined : digestOfRow(this.#table!, row)),
      xattrs: found.xattrs ?? known?.xattrs ?? (row === undefined ? undefined : xattrsOfRow(this.#table!, row, path)),
      age: 0,
    });
  }

  /** Writes the file anew if anything was remembered: to a temporary name, then renamed. */
  save(): void {
    if (this.#file === undefined || this.#fresh.size === 0) return;
    const temporary = temporaryName(this.#file);
    try {
      writeFileSync(temporary, encodeStatTable([...this.#kept(), ...this.#fresh.values()]), {
        flag: 'wx',
        mode: 0o600,
      });
      renameSync(temporary, this.#file);
      this.#fresh.clear();
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  #row(path: string, stamp: FileStamp): number | undefined {
    if (this.#table === undefined) return undefined;
    const row = findRow(this.#table, path, stamp);
    if (row !== undefined) this.#used[row] = 1;
    return row;
  }

  *#kept(): Generator<StatRow> {
    const table = this.#table;
    if (table === undefined) return;
    for (const [path, row] of table.rows) {
      const age = this.#used[row] === 1 ? 0 : table.ages[row]! + 1;
      if (age > MAX_AGE || this.#fresh.has(path)) continue;
      yield {
        path,
        stamp: stampOfRow(table, row),
        digest: digestOfRow(table, row),
        xattrs: xattrsOfRow(table, row, path),
        age,
      };
    }
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
