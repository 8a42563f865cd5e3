/** Lists a folder of a context, for path completion. */
import { readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { compileIgnoreFile } from './ask-build-file.ts';

export interface ContextEntry {
  /** The completed path, as COPY takes it. */
  readonly path: string;
  readonly name: string;
  readonly isFolder: boolean;
}

/** Enough entries to choose from. */
const MOST = 500;

/**
 * Returns the entries of the folder that `typed`, the beginning of a path, is in. Leaves out ignored entries and
 * everything outside the context.
 */
export function listContextEntries(buildFile: string, typed: string): readonly ContextEntry[] {
  const context = dirname(buildFile);
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const inside = posix.normalize(`./${folder}`);
  if (inside.startsWith('..')) return [];
  const isIgnored = compileIgnoreFile(context, buildFile) ?? (() => false);
  return readEntries(join(context, inside))
    .filter((entry) => !isIgnored(posix.join(inside, entry.name)))
    .slice(0, MOST)
    .map((entry) => ({ path: folder + entry.name, name: entry.name, isFolder: entry.isDirectory() }));
}

function readEntries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
