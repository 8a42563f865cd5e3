import { setTimeout as sleep } from 'node:timers/promises';
import { MkimageError } from '../../errors.ts';
import type { ContainerGroups } from '../../sandbox/index.ts';

const PAUSE_MS = 5;
const PATIENCE_MS = 5000;

/** Stops all processes of a container, and returns when they stand still. Throws `unsupported` if this system cannot. */
export async function freezeGroups(groups: ContainerGroups, purpose: string): Promise<void> {
  if (!groups.freeze(true)) throw cannotFreeze(purpose);
  for (let waited = 0; !isFrozen(groups); waited += PAUSE_MS) {
    if (waited >= PATIENCE_MS) {
      groups.freeze(false);
      throw cannotFreeze(purpose);
    }
    await sleep(PAUSE_MS);
  }
}

function isFrozen(groups: ContainerGroups): boolean {
  const text = groups.read('freezer', 'freezer.state', 'cgroup.events') ?? '';
  return text === 'FROZEN' || text.split('\n').includes('frozen 1');
}

function cannotFreeze(purpose: string): MkimageError {
  return new MkimageError('unsupported', `${purpose}: its processes cannot be frozen`, {
    hint: 'the system offers no control group for it; stop the container instead',
  });
}
