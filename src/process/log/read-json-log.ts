import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamName } from './stream-frames.ts';

export interface LogEntry {
  readonly log: string;
  readonly stream: StreamName;
  /** RFC 3339. */
  readonly time: string;
}

export interface LogSelection {
  /** Only the last entries; undefined: all. */
  readonly tail: number | undefined;
  /** Milliseconds since 1970. */
  readonly since: number | undefined;
  readonly until: number | undefined;
}

export interface LogFollowing extends LogSelection {
  readonly file: string;
  readonly signal: AbortSignal;
  /** Returns true when nothing more will be written; undefined: do not wait for more. */
  readonly isComplete: (() => boolean) | undefined;
}

const CHUNK = 64 * 1024;
const PAUSE_MS = 40;
const LINE_FEED = 10;

/** Reads the entries of a json-file log, oldest first, with those of rotated files. Waits for more entries if `isComplete` is given. */
export async function* readJsonLog(following: LogFollowing): AsyncGenerator<LogEntry> {
  const { file, tail, since, until, signal, isComplete } = following;
  const isWanted = (entry: LogEntry) => since === undefined || Date.parse(entry.time) >= since;
  const old = olderFiles(file);
  let reader = LogReader.open(file, tail);
  try {
    for (const entry of olderEntries(old, tail, reader?.first ?? 0)) {
      if (until !== undefined && Date.parse(entry.time) > until) return;
      if (isWanted(entry)) yield entry;
    }
    for (;;) {
      const complete = isComplete?.() ?? true;
      for (const entry of reader?.read() ?? []) {
        if (until !== undefined && Date.parse(entry.time) > until) return;
        if (isWanted(entry)) yield entry;
      }
      if (complete || signal.aborted) return;
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
      const next: LogReader | undefined =
        reader?.isCurrent(file) === false || reader === undefined ? LogReader.open(file, undefined) : undefined;
      if (next === undefined) continue;
      for (const entry of reader?.read() ?? []) if (isWanted(entry)) yield entry;
      reader?.close();
      reader = next;
    }
  } finally {
    reader?.close();
  }
}

/** Names of rotated files, oldest first. */
function olderFiles(file: string): readonly string[] {
  const prefix = `${basename(file)}.`;
  const numbers = readdirSync(dirname(file)).flatMap((name) => {
    const number = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
    return Number.isInteger(number) ? [number] : [];
  });
  return numbers.sort((a, b) => b - a).map((number) => join(dirname(file), `${prefix}${number}`));
}

/** Entries of rotated files: all, or as many as the current file lacks for the tail. */
function olderEntries(files: readonly string[], tail: number | undefined, inCurrent: number): readonly LogEntry[] {
  const entries = files.flatMap((file) => {
    const reader = LogReader.open(file, undefined);
    const found = reader === undefined ? [] : [...reader.read()];
    reader?.close();
    return found;
  });
  if (tail === undefined) return entries;
  const missing = Math.max(0, tail - inCurrent);
  return missing === 0 ? [] : entries.slice(-missing);
}

class LogReader {
  /** The number of entries that the tail has in this file. */
  readonly first: number;
  readonly #file: number;
  readonly #inode: bigint;
  #offset: number;
  #held: Buffer = Buffer.alloc(0);

  private constructor(file: number, tail: number | undefined) {
    this.#file = file;
    const stats = fstatSync(file, { bigint: true });
    this.#inode = stats.ino;
    const { offset, count } = tail === undefined ? { offset: 0, count: 0 } : tailOf(file, Number(stats.size), tail);
    this.#offset = offset;
    this.first = count;
  }

  static open(file: string, tail: number | undefined): LogReader | undefined {
    try {
      return new LogReader(openSync(file, 'r'), tail);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  *read(): Generator<LogEntry> {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const count = readSync(this.#file, chunk, 0, CHUNK, this.#offset);
      if (count === 0) return;
      this.#offset += count;
      this.#held = Buffer.concat([this.#held, chunk.subarray(0, count)]);
      for (let feed = this.#held.indexOf(LINE_FEED); feed >= 0; feed = this.#held.indexOf(LINE_FEED)) {
        const entry = parseEntry(this.#held.subarray(0, feed).toString());
        this.#held = this.#held.subarray(feed + 1);
        if (entry !== undefined) yield entry;
      }
    }
  }

  /** False if the file was rotated. */
  isCurrent(path: string): boolean {
    return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino === this.#inode;
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Finds where the last lines of a file begin. */
function tailOf(file: number, size: number, tail: number): { readonly offset: number; readonly count: number } {
  if (tail === 0) return { offset: size, count: 0 };
  let count = 0;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const chunk = Buffer.allocUnsafe(end - start);
    readSync(file, chunk, 0, chunk.length, start);
    for (let at = chunk.length - 1; at >= 0; at--) {
      if (chunk[at] !== LINE_FEED || start + at === size - 1) continue;
      count += 1;
      if (count === tail) return { offset: start + at + 1, count };
    }
    end = start;
  }
  return { offset: 0, count: size === 0 ? 0 : count + 1 };
}

/** A damaged line, such as the end of a file after a power failure, is skipped. */
function parseEntry(line: string): LogEntry | undefined {
  try {
    const { log, stream, time } = JSON.parse(line);
    return typeof log === 'string' && typeof time === 'string' ? { log, stream, time } : undefined;
  } catch {
    return undefined;
  }
}
