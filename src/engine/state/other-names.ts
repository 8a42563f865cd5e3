/** Files and folders in the root that are not in the table. */
import { readdirSync } from 'node:fs';
import { FOLDERS } from '../folders.ts';

export interface OtherNames {
  /** Folders and files of the table in the format of an earlier version: no longer read. */
  readonly older: readonly string[];
  /** Foreign, or of a later version: never changed. */
  readonly unknown: readonly string[];
}

export function otherNames(root: string): OtherNames {
  const names = namesIn(root).filter((name) => !CURRENT.has(name));
  return { older: names.filter(isOlder), unknown: names.filter((name) => !isOlder(name)) };
}

const PATHS = Object.values(FOLDERS).map(({ path }) => path);
const CURRENT: ReadonlySet<string> = new Set(PATHS);
/** `name-v2` and `name-v2.json`. */
const VERSIONED = /^(.+-v)(\d+)(\.json)?$/;

function isOlder(name: string): boolean {
  const [, stem, format, suffix] = VERSIONED.exec(name) ?? [];
  return PATHS.some((path) => {
    const [, own, current, end] = VERSIONED.exec(path) ?? [];
    return own !== undefined && own === stem && end === suffix && Number(format) < Number(current);
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
