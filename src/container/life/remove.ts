import { MkimageError } from '../../errors.ts';
import type { ContainerHome } from '../home.ts';
import type { ContainerFolder } from '../record.ts';
import { eraseContainer } from './erase.ts';
import { holdContainer } from './locks.ts';
import { settle } from './settle.ts';
import { stopContainer } from './stop.ts';

export interface RemoveOptions {
  readonly force: boolean;
  readonly volumes: boolean;
}

/** Removes a container. A running one is killed first with `force`. Throws `in-use`. */
export async function removeContainer(
  home: ContainerHome,
  folder: ContainerFolder,
  options: RemoveOptions,
): Promise<void> {
  const { status } = await settle(home, folder);
  if (status === 'running' || status === 'paused' || status === 'restarting') {
    if (!options.force) throw stillRunning(folder.id, status);
    await stopContainer(home, folder, { timeout: 0, signal: undefined });
  }
  if (!folder.exists()) return; // it has removed itself
  await holdContainer(folder, () => eraseContainer(home, folder, options));
}

function stillRunning(id: string, status: string): MkimageError {
  const text =
    status === 'paused'
      ? `You cannot remove a paused container ${id}. Unpause and then stop the container before attempting removal or force remove`
      : `You cannot remove a ${status} container ${id}. Stop the container before attempting removal or force remove`;
  return new MkimageError('in-use', text);
}
