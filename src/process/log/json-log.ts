import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { StreamName } from './stream-frames.ts';

/** A longer line is written as several entries; only the last one ends with a line feed. */
const LONGEST_LINE = 16 * 1024;
const LINE_FEED = 10;

export interface JsonLogOptions {
  readonly file: string;
  /** Bytes; undefined: no limit. */
  readonly maxSize: number | undefined;
  /** Number of files, including the current one. */
  readonly maxFiles: number;
  /** RFC 3339 with nanoseconds. */
  readonly now: () => string;
}

/**
 * Writes the output of a container as Docker's json-file: one object per line with the text, the stream and the time. Complete lines are
 * written at once, so they are on disk even if this process is killed.
 */
export class JsonLog implements Disposable {
  readonly #options: JsonLogOptions;
  readonly #pending = new Map<StreamName, Buffer>();
  #file: number;
  #size: number;

  constructor(options: JsonLogOptions) {
    this.#options = options;
    this.#file = openSync(options.file, 'a', 0o600);
    this.#size = fstatSync(this.#file).size;
  }

  write(stream: StreamName, chunk: Buffer): void {
    const held = this.#pending.get(stream);
    let rest = held === undefined || held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const entries: string[] = [];
    for (let end = lineEnd(rest); end > 0; end = lineEnd(rest)) {
      entries.push(this.#entry(stream, rest.subarray(0, end)));
      rest = rest.subarray(end);
    }
    this.#pending.set(stream, Buffer.from(rest));
    this.#append(entries);
  }

  /** Writes an unfinished last line. */
  finish(): void {
    for (const [stream, rest] of this.#pending) if (rest.length > 0) this.#append([this.#entry(stream, rest)]);
    this.#pending.clear();
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #entry(stream: StreamName, line: Buffer): string {
    return `${JSON.stringify({ log: line.toString('utf8'), stream, time: this.#options.now() })}\n`;
  }

  /** Entries are written together, as far as they fit into one file. */
  #append(entries: readonly string[]): void {
    const { maxSize = Number.POSITIVE_INFINITY } = this.#options;
    let pending: Buffer[] = [];
    let size = 0;
    for (const entry of entries) {
      const bytes = Buffer.from(entry);
      if (this.#size + size > 0 && this.#size + size + bytes.length > maxSize) {
        this.#put(Buffer.concat(pending));
        [pending, size] = [[], 0];
        this.#rotate();
      }
      pending.push(bytes);
      size += bytes.length;
    }
    this.#put(Buffer.concat(pending));
  }

  #put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.#size += bytes.length;
  }

  #rotate(): void {
    const { file, maxFiles } = this.#options;
    closeSync(this.#file);
    for (let number = maxFiles - 1; number > 0; number--) {
      renameIfThere(number === 1 ? file : `${file}.${number - 1}`, `${file}.${number}`);
    }
    if (maxFiles <= 1) rmSync(file, { force: true });
    this.#file = openSync(file, 'a', 0o600);
    this.#size = 0;
  }
}

/** Returns where the first line ends; 0 if it is not complete. */
function lineEnd(bytes: Buffer): number {
  const feed = bytes.indexOf(LINE_FEED);
  if (feed >= 0 && feed < LONGEST_LINE) return feed + 1;
  return bytes.length >= LONGEST_LINE ? characterEnd(bytes, LONGEST_LINE) : 0;
}

/** Moves the end back, so that it does not split a UTF-8 character. */
function characterEnd(bytes: Buffer, end: number): number {
  let at = end;
  while (at > end - 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at > end - 4 ? at : end;
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
