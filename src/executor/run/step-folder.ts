/**
 * Folders of running steps: `<scratch>/run-<step>-<random>/`, with a link `owner` in it that leads nowhere and says who made it.
 * What a killed build left is known by that, and removed by the next one. What is being removed is called `gone-…` first, so
 * that it is known as nobody's however far the removal came.
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

/** Takes a step's folder out of use; gives what is to be removed now. */
export function retireStepFolder(folder: string): string {
  const gone = join(dirname(folder), `${GONE}${basename(folder)}`);
  renameSync(folder, gone);
  return gone;
}

/** Removes the folders of builds that are dead. What cannot be removed is left for later. */
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
    return false; // a build is only beginning to make it
  }
}
