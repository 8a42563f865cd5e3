import { MkimageError } from '../../errors.ts';
import type { ContainerHome } from '../home.ts';
import type { ContainerFolder } from '../record.ts';
import { freezeGroups } from './freeze.ts';
import { holdContainer } from './locks.ts';
import { isAlive, settle } from './settle.ts';
import { tellContainer } from './tell.ts';

/** Stops all processes of a running container where they are. Throws `in-use` if it does not run or is paused already, `unsupported`. */
export async function pauseContainer(home: ContainerHome, folder: ContainerFolder): Promise<void> {
  await holdContainer(folder, async () => {
    const state = await settle(home, folder);
    if (!isAlive(state)) throw new MkimageError('in-use', `Container ${folder.id} is not running`);
    if (state.status === 'paused') throw new MkimageError('in-use', `Container ${folder.id} is already paused`);
    await freezeGroups(home.sandbox.groupsOf(folder.id), `pause container ${folder.id.slice(0, 12)}`);
    folder.writeState({ ...folder.state(), status: 'paused' });
    tellContainer(home, folder.record(), 'pause');
  });
}

/** Lets the processes of a paused container continue. Throws `in-use` if it is not paused. */
export async function unpauseContainer(home: ContainerHome, folder: ContainerFolder): Promise<void> {
  await holdContainer(folder, async () => {
    const state = await settle(home, folder);
    if (state.status !== 'paused') throw new MkimageError('in-use', `Container ${folder.id} is not paused`);
    home.sandbox.groupsOf(folder.id).freeze(false);
    folder.writeState({ ...folder.state(), status: 'running' });
    tellContainer(home, folder.record(), 'unpause');
  });
}
