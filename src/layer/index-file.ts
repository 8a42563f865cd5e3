import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renameOver } from '../host/index.ts';
import { type Digest, encodedOf } from '../oci/index.ts';
import { formatIndex, type LayerIndex, parseIndex } from './layer-index.ts';

/** Returns the path of a layer's listing: `<2 hex>/<hex>`. */
export function layerFile(directory: string, diffId: Digest): string {
  const hex = encodedOf(diffId);
  return join(directory, hex.slice(0, 2), hex);
}

/** Reads a stored listing; undefined if it is missing or invalid. */
export function readIndexFile(directory: string, diffId: Digest): LayerIndex | undefined {
  try {
    return parseIndex(readFileSync(layerFile(directory, diffId), 'utf8'), diffId);
  } catch {
    return undefined;
  }
}

/** Writes a listing atomically. Ignores errors, because the listing is only a cache. */
export function writeIndexFile(directory: string, index: LayerIndex): void {
  const file = layerFile(directory, index.diffId);
  const unfinished = `${file}.${randomUUID()}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writePieces(unfinished, formatIndex(index));
    renameOver(unfinished, file);
  } catch {
    rmSync(unfinished, { force: true });
  }
}

function writePieces(file: string, pieces: Iterable<string>): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    for (const piece of pieces) writeFileSync(descriptor, piece);
  } finally {
    closeSync(descriptor);
  }
}
