import { setTimeout as sleep } from 'node:timers/promises';
import { isMkimageError } from '../../errors.ts';
import { livenessOf } from '../../host/index.ts';
import type { ContainerHome } from '../home.ts';
import type { ContainerFolder, ContainerState } from '../record.ts';
import { finishRun } from './finish.ts';
import { takeMonitorLock } from './locks.ts';
import { ContainerMonitor } from './monitor.ts';

const PAUSE_MS = 10;
const PATIENCE_MS = 5000;

/** True if the first process of the container runs. */
export function isAlive({ status, process }: ContainerState): boolean {
  return (status === 'running' || status === 'paused') && livenessOf(process) === 'alive';
}

/**
 * Returns the state of a container as it is now. If its process has ended and no process monitors it, this function reads the rest of its
 * output and writes down how it ended.
 */
export async function settle(home: ContainerHome, folder: ContainerFolder): Promise<ContainerState> {
  for (let waited = 0; ; waited += PAUSE_MS) {
    const state = folder.state();
    if ((state.status !== 'running' && state.status !== 'paused') || isAlive(state)) return state;
    await using lock = await takeMonitorLock(folder, 0);
    if (lock !== undefined) return await adopt(home, folder);
    if (waited >= PATIENCE_MS) return state;
    await sleep(PAUSE_MS);
  }
}

/** Monitors a run to its end. The caller holds the monitor lock. */
export async function adopt(home: ContainerHome, folder: ContainerFolder): Promise<ContainerState> {
  const state = folder.state();
  if (state.status !== 'running' && state.status !== 'paused') return state;
  try {
    if (livenessOf(state.recorderProcess) === 'alive')
      await new ContainerMonitor({ folder, record: folder.record(), state, clock: home.clock }).ended;
  } catch (error) {
    if (!isGone(error)) throw error; // the recorder ended in the meantime, so everything was read
  }
  return finishRun(home, folder);
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return isMkimageError(error, 'not-found') || code === 'ENOENT' || code === 'ESRCH' || code === 'EBADF';
}
