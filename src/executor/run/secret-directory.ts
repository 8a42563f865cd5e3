import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { thisUser } from '../../host/index.ts';
import type { Maker } from '../../snapshot/index.ts';

const IN_MEMORY = '/dev/shm';
const PREFIX = 'mkimage-secret-';

/** A directory for secrets. Its name says who made it: what a killed build left there is removed by the next one that needs secrets. */
export function makeSecretDirectory({ name, livenessOf }: Maker, parent: string): string {
  for (const stray of readdirSync(parent).filter((each) => each.startsWith(PREFIX))) {
    const owner = stray.slice(PREFIX.length, stray.lastIndexOf('-'));
    const path = join(parent, stray);
    if (livenessOf(owner) === 'dead' && isOurs(path)) rmSync(path, { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${PREFIX}${name}-`));
}

/** Where directories for secrets are made; `scratch`: a folder of ours, for machines that have none in memory. */
export function secretsParent(scratch: string): string {
  return existsSync(IN_MEMORY) ? IN_MEMORY : scratch;
}

/** Anybody may make a directory of such a name there, and change it while it is being removed. */
function isOurs(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === thisUser().uid;
}
