/**
 * Folders of running steps: `<scratch>/run-<step>-<random>/`. The link `owner` in it has no target file; its text
 * names the maker. With it the next build finds and removes what a killed build left. A folder is `new-<maker>-<random>`
 * until it has the link, and is renamed to `gone-…` before it is removed, so that at no moment a killed build leaves a
 * folder that nobody may remove.
 */
import { mkdtempSync, readdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { removeTreeAsync } from '../../host/index.ts';
import type { StepId } from '../../progress.ts';
import type { Maker } from '../../snapshot/index.ts';
import type { StepFolders } from '../services.ts';

const KIND = 'run-';
const NEW = 'new-';
const GONE = 'gone-';
/** What `mkdtemp` adds to a name, and the dash before it. */
const RANDOM_LENGTH = 7;
const OWNER = 'owner';

export function makeStepFolder({ scratch, maker }: StepFolders, step: StepId): string {
  const made = mkdtempSync(join(scratch, `${NEW}${maker.name}-`));
  symlinkSync(maker.name, join(made, OWNER));
  const folder = join(scratch, `${KIND}${step.replace(/[^\w-]/g, '-')}${made.slice(-RANDOM_LENGTH)}`);
  renameSync(made, folder);
  return folder;
}

/** Renames a step's folder to mark it as unused. Returns the new path, to be removed now. */
export function retireStepFolder(folder: string): string {
  const gone = join(dirname(folder), `${GONE}${basename(folder)}`);
  renameSync(folder, gone);
  return gone;
}

/** Removes the folders of dead builds. Folders that cannot be removed are left for later. */
export async function removeFoldersOfDead({ scratch, maker }: StepFolders): Promise<void> {
  for (const name of readdirSync(scratch)) {
    const folder = join(scratch, name);
    if (name.startsWith(GONE)) await removeTreeAsync(folder).catch(() => {});
    else if (isOfDead(folder, maker)) await removeTreeAsync(retireStepFolder(folder)).catch(() => {});
  }
}

function isOfDead(folder: string, { livenessOf }: Maker): boolean {
  const name = basename(folder);
  if (name.startsWith(NEW)) return livenessOf(name.slice(NEW.length, -RANDOM_LENGTH)) === 'dead';
  try {
    return name.startsWith(KIND) && livenessOf(readlinkSync(join(folder, OWNER))) === 'dead';
  } catch {
    return false; // Another build has just removed it.
  }
}
