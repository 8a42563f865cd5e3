import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { uvu } from 'uvu';

export interface Needs {
  readonly root?: boolean;
  /** Programs that must be on PATH (or in /usr/sbin, /sbin). */
  readonly programs?: readonly string[];
  /** Anything else: the text says what is missing, undefined that nothing is. */
  readonly missing?: string | undefined;
}

/** The test function if everything is there; else one that skips, saying aloud what is missing. */
export function withNeeds<T>(test: uvu.Test<T>, needs: Needs): (name: string, run: uvu.Callback<T>) => void {
  const missing = whatIsMissing(needs);
  if (missing === undefined) return (name, run) => test(name, run);
  return (name) => {
    console.log(`SKIPPED "${name}": needs ${missing}`);
    test.skip(name);
  };
}

function whatIsMissing(needs: Needs): string | undefined {
  if (needs.root === true && process.getuid?.() !== 0) return 'root';
  const program = (needs.programs ?? []).find((name) => programPath(name) === undefined);
  return program === undefined ? needs.missing : `the program ${program}`;
}

/** Where a program lies, looking also where Debian keeps those for root. */
export function programPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
