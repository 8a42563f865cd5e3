import { rmSync } from 'node:fs';
import type { ContainerHome } from '../home.ts';
import { formatTime } from '../home.ts';
import type { ContainerFolder, ContainerRecord, ContainerState } from '../record.ts';
import { eraseContainer } from './erase.ts';
import { tellContainer } from './tell.ts';

/** Writes down how a run has ended. Its output is read, and no process of it is left. Returns the last state, also of a container that removes itself. */
export async function finishRun(home: ContainerHome, folder: ContainerFolder): Promise<ContainerState> {
  const record = folder.record();
  const state = folder.state();
  if (state.status !== 'running' && state.status !== 'paused') return state;
  const groups = home.sandbox.groupsOf(folder.id);
  const oomKilled = groups.wasOutOfMemory();
  groups.remove();
  await home.network?.disconnect(record, state);
  rmSync(folder.run, { recursive: true, force: true });
  const end = home.sandbox.readEnd(folder.exitRecord());
  const ended: ContainerState = {
    ...state,
    status: 'exited',
    pid: 0,
    process: '',
    recorder: 0,
    recorderProcess: '',
    exitCode: end?.code ?? 137,
    error: end === undefined ? 'the recorder of the container was killed' : '',
    oomKilled,
    finishedAt: formatTime(folder.exitTime() ?? home.clock()),
    endpoints: [],
    ports: {},
  };
  const next: ContainerState = shallRestart(record, ended) ? { ...ended, status: 'restarting' } : ended;
  if (oomKilled) tellContainer(home, record, 'oom');
  tellContainer(home, record, { action: 'die', more: { exitCode: String(ended.exitCode) } });
  folder.writeState(next);
  if (record.host.AutoRemove === true && next.status === 'exited')
    await eraseContainer(home, folder, { volumes: true });
  return next;
}

/** Applies the restart policy. */
function shallRestart({ host }: ContainerRecord, { exitCode, isStoppedByHand, restartCount }: ContainerState): boolean {
  const { Name: policy = 'no', MaximumRetryCount: most = 0 } = host.RestartPolicy ?? {};
  if (isStoppedByHand) return false;
  if (policy === 'always' || policy === 'unless-stopped') return true;
  return policy === 'on-failure' && exitCode !== 0 && (most === 0 || restartCount < most);
}
