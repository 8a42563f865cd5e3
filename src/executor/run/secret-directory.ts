import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Maker } from '../../snapshot/index.ts';

const IN_MEMORY = '/dev/shm';
const PREFIX = 'mkimage-secret-';

/**
 * A directory for secrets, in memory where the machine has one for that. Its name says who made it: what a killed build left
 * there is removed by the next one that needs secrets.
 */
export function makeSecretDirectory({ name, livenessOf }: Maker, parent = defaultParent()): string {
  for (const stray of readdirSync(parent).filter((each) => each.startsWith(PREFIX))) {
    const owner = stray.slice(PREFIX.length, stray.lastIndexOf('-'));
    const path = join(parent, stray);
    if (livenessOf(owner) === 'dead' && isOurs(path)) rmSync(path, { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${PREFIX}${name}-`));
}

function defaultParent(): string {
  return existsSync(IN_MEMORY) ? IN_MEMORY : tmpdir();
}

/** Anybody may make a directory of such a name there, and change it while it is being removed. */
function isOurs(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === process.geteuid?.();
}
