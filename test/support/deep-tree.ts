import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a folder at `parent/name` with `levels` folders in one another and a file in the deepest, deeper than any path is long:
 * from the inside out, as a process does that goes into each.
 */
export function makeDeepTree(parent: string, name: string, levels: number): void {
  const [inner, outer] = [join(parent, '.inner'), join(parent, '.outer')];
  mkdirSync(inner);
  writeFileSync(join(inner, 'file'), 'x'.repeat(5000));
  for (let level = 1; level < levels; level++) {
    mkdirSync(outer);
    renameSync(inner, join(outer, 'dd'));
    renameSync(outer, inner);
  }
  renameSync(inner, join(parent, name));
}
