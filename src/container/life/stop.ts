import { setTimeout as sleep } from 'node:timers/promises';
import { MkimageError } from '../../errors.ts';
import { sendSignal } from '../../host/index.ts';
import type { ContainerHome } from '../home.ts';
import type { ContainerFolder, ContainerRecord, ContainerState } from '../record.ts';
import { parseSignal } from '../signals.ts';
import { holdContainer } from './locks.ts';
import { isAlive, settle } from './settle.ts';
import { tellContainer } from './tell.ts';

const DEFAULT_TIMEOUT = 10;
const PAUSE_MS = 15;
const SIGKILL = 9;

export interface StopOptions {
  readonly timeout: number | undefined;
  readonly signal: string | undefined;
}

/** Stops a container: its signal, and SIGKILL after the timeout. Returns false if it did not run. */
export async function stopContainer(
  home: ContainerHome,
  folder: ContainerFolder,
  options: StopOptions,
): Promise<boolean> {
  const record = folder.record();
  const state = await settle(home, folder);
  if (state.status === 'restarting') {
    await cancelRestart(folder);
    return true;
  }
  if (!isAlive(state)) return false;
  folder.writeState({ ...folder.state(), isStoppedByHand: true });
  const signal = parseSignal(options.signal ?? record.config.StopSignal ?? 'SIGTERM');
  const seconds = options.timeout ?? record.config.StopTimeout ?? DEFAULT_TIMEOUT;
  if (state.status === 'paused') home.sandbox.groupsOf(folder.id).freeze(false);
  if (seconds !== 0) signalContainer(home, { record, state, signal });
  if (seconds === 0 || !(await waitUntilEnded(state, seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1000))) {
    signalContainer(home, { record, state, signal: SIGKILL });
    await waitUntilEnded(state, Number.POSITIVE_INFINITY);
  }
  await settleEnd(home, folder);
  tellContainer(home, record, 'stop');
  return true;
}

async function cancelRestart(folder: ContainerFolder): Promise<void> {
  await holdContainer(folder, async () => {
    const state = folder.state();
    if (state.status === 'restarting') folder.writeState({ ...state, status: 'exited', isStoppedByHand: true });
  });
}

/** The container may have removed itself. */
async function settleEnd(home: ContainerHome, folder: ContainerFolder): Promise<void> {
  if (folder.exists()) await settle(home, folder).catch(() => {});
}

interface Signalling {
  readonly record: ContainerRecord;
  readonly state: ContainerState;
  readonly signal: number;
}

function signalContainer(home: ContainerHome, { record, state, signal }: Signalling): void {
  if (!isAlive(state)) return;
  sendSignal(state.pid, signal);
  tellContainer(home, record, { action: 'kill', more: { signal: String(signal) } });
}

async function waitUntilEnded(state: ContainerState, milliseconds: number): Promise<boolean> {
  for (let waited = 0; isAlive(state); waited += PAUSE_MS) {
    if (waited >= milliseconds) return false;
    await sleep(PAUSE_MS);
  }
  return true;
}

/** Sends a signal to the first process of a container. Throws `usage` if it does not run. */
export async function killContainer(home: ContainerHome, folder: ContainerFolder, text: string): Promise<void> {
  const signal = parseSignal(text);
  const record = folder.record();
  const state = await settle(home, folder);
  if (!isAlive(state)) {
    throw new MkimageError(
      'in-use',
      `Cannot kill container: ${folder.id.slice(0, 12)}: Container ${folder.id} is not running`,
    );
  }
  if (signal === SIGKILL) folder.writeState({ ...folder.state(), isStoppedByHand: true });
  signalContainer(home, { record, state, signal });
  if (signal !== SIGKILL) return;
  if (state.status === 'paused') home.sandbox.groupsOf(folder.id).freeze(false);
  await waitUntilEnded(state, DEFAULT_TIMEOUT * 1000);
  await settleEnd(home, folder);
}
