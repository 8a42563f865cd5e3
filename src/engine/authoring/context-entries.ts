/** What lies in a folder of a context, for somebody who types a path. */
import { readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { ignoredIn } from './ask-build-file.ts';

export interface ContextEntry {
  /** As COPY takes it: the path that was begun, completed. */
  readonly path: string;
  readonly name: string;
  readonly isFolder: boolean;
}

/** Enough for somebody to choose from. */
const MOST = 500;

/** The entries of the folder that `typed`, the beginning of a path, is in. Nothing that is ignored, nothing outside. */
export function contextEntries(buildFile: string, typed: string): readonly ContextEntry[] {
  const context = dirname(buildFile);
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
  const inside = posix.normalize(`./${folder}`);
  if (inside.startsWith('..')) return [];
  const isIgnored = ignoredIn(context, buildFile) ?? (() => false);
  return entriesOf(join(context, inside))
    .filter((entry) => !isIgnored(posix.join(inside, entry.name)))
    .slice(0, MOST)
    .map((entry) => ({ path: folder + entry.name, name: entry.name, isFolder: entry.isDirectory() }));
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
