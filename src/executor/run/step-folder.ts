/**
 * Folders of running steps: `<scratch>/run-<step>-<random>/`. The link `owner` in it has no target file; its text
 * names the maker. With it the next build finds and removes what a killed build left. A folder is renamed to `gone-…`
 * before it is removed, so that an interrupted removal can be continued by anybody.
 */
import { mkdtempSync, readdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { removeTreeAsync } from '../../host/index.ts';
import type { StepId } from '../../progress.ts';
import type { Maker } from '../../snapshot/index.ts';
import type { StepFolders } from '../services.ts';

const KIND = 'run-';
const GONE = 'gone-';
const OWNER = 'owner';

export function makeStepFolder({ scratch, maker }: StepFolders, step: StepId): string {
  const folder = mkdtempSync(join(scratch, `${KIND}${step.replace(/[^\w-]/g, '-')}-`));
  symlinkSync(maker.name, join(folder, OWNER));
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
    else if (name.startsWith(KIND) && isOfDead(folder, maker)) {
      await removeTreeAsync(retireStepFolder(folder)).catch(() => {});
    }
  }
}

function isOfDead(folder: string, { livenessOf }: Maker): boolean {
  try {
    return livenessOf(readlinkSync(join(folder, OWNER))) === 'dead';
  } catch {
    return false; // Another build is just creating it.
  }
}
