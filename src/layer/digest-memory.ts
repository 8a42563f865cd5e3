import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as eventLoop } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { FileLocation } from '../content/index.ts';
import type { Digest } from '../oci/index.ts';
import { ContentReader } from './content-reader.ts';
import { layerFile } from './index-file.ts';
import type { LayerEntry } from './layer-index.ts';

const LINE = /^((\d+) ([0-9a-f]{64})) ([0-9a-f]{8})$/;
const CHUNK = 1 << 20;

/**
 * Stores digests of files in layers, by the file's offset in the layer. They are valid for ever, because a layer never changes. Each
 * file has one line in `<hex>.digests` with its own crc32. The line feed is at the start of a line, so an incomplete line does not
 * damage the next one. Incomplete and changed lines are ignored.
 */
export class DigestMemory {
  readonly #directory: string;
  readonly #known = new Map<Digest, Map<number, Digest>>();
  /** Lines that are not on disk yet. They are written together at the next turn of the event loop. */
  readonly #unsaved = new Map<Digest, string[]>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  get(layer: Digest, offset: number): Digest | undefined {
    return this.#layer(layer).get(offset);
  }

  /** Reads the file and remembers its digest. Throws `source-missing`. */
  async compute(layer: Digest, entry: LayerEntry, location: FileLocation): Promise<Digest> {
    const digest = await digestOfContent(entry, location);
    if (entry.size === 0) return digest;
    this.#layer(layer).set(entry.offset ?? 0, digest);
    this.#save(layer, lineOf(entry.offset ?? 0, digest));
    return digest;
  }

  forget(layer: Digest): void {
    this.#known.delete(layer);
    this.#unsaved.delete(layer);
    rmSync(this.#fileOf(layer), { force: true, recursive: true });
  }

  #layer(layer: Digest): Map<number, Digest> {
    let known = this.#known.get(layer);
    if (known === undefined) {
      known = readDigests(this.#fileOf(layer));
      this.#known.set(layer, known);
    }
    return known;
  }

  #fileOf(layer: Digest): string {
    return `${layerFile(this.#directory, layer)}.digests`;
  }

  #save(layer: Digest, line: string): void {
    const lines = this.#unsaved.get(layer);
    if (lines !== undefined) {
      lines.push(line);
      return;
    }
    this.#unsaved.set(layer, [line]);
    setImmediate(() => this.#flush(layer));
  }

  /** Ignores errors: without these lines, digests are computed again. */
  #flush(layer: Digest): void {
    const lines = this.#unsaved.get(layer) ?? [];
    this.#unsaved.delete(layer);
    try {
      mkdirSync(dirname(this.#fileOf(layer)), { recursive: true, mode: 0o700 });
      appendFileSync(this.#fileOf(layer), lines.join(''), { mode: 0o600 });
    } catch {
      // The digests are only a cache.
    }
  }
}

function lineOf(offset: number, digest: Digest): string {
  const text = `${offset} ${digest.slice('sha256:'.length)}`;
  return `\n${text} ${sumOf(text)}`;
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function readDigests(file: string): Map<number, Digest> {
  const digests = new Map<number, Digest>();
  for (const line of readLines(file)) {
    const [, text = '', offset, hex, sum] = LINE.exec(line) ?? [];
    if (sum === sumOf(text)) digests.set(Number(offset), `sha256:${hex}`);
  }
  return digests;
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

async function digestOfContent(entry: LayerEntry, location: FileLocation): Promise<Digest> {
  const reader = new ContentReader();
  try {
    const read = reader.open(entry, location);
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(entry.size, CHUNK));
    for (let left = entry.size; left > 0; ) {
      const count = read(buffer, 0, Math.min(buffer.length, left));
      hash.update(buffer.subarray(0, count));
      left -= count;
      if (left > 0) await eventLoop();
    }
    return `sha256:${hash.digest('hex')}`;
  } finally {
    reader.close();
  }
}
