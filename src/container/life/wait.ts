import { setTimeout as sleep } from 'node:timers/promises';
import type { WaitCondition, WaitResult } from '../../api/index.ts';
import { throwIfCancelled } from '../../errors.ts';
import { isGoneError } from '../containers.ts';
import { findLastExit } from '../events.ts';
import type { ContainerHome } from '../home.ts';
import type { ContainerFolder, ContainerState } from '../record.ts';
import { settle } from './settle.ts';

const PAUSE_MS = 20;

export interface WaitOptions {
  readonly condition: WaitCondition;
  readonly signal: AbortSignal;
  /** Called when the state from which the wait begins is known: an exit after it is noticed, however early. */
  readonly whenWatching?: (() => void) | undefined;
}

/** Waits until a container has ended, and returns its exit code. The events tell the exit code of a container that has removed itself. */
export async function waitForContainer(
  home: ContainerHome,
  folder: ContainerFolder,
  { condition, signal, whenWatching }: WaitOptions,
): Promise<WaitResult> {
  const first = await settle(home, folder);
  whenWatching?.();
  let last = first;
  for (;;) {
    throwIfCancelled(signal);
    try {
      last = await settle(home, folder);
      if (isDone(first, last, condition)) return { StatusCode: last.exitCode };
    } catch (error) {
      if (!isGoneError(error)) throw error;
      return { StatusCode: findLastExit(home.directory, folder.id) ?? last.exitCode };
    }
    await sleep(PAUSE_MS);
  }
}

function isDone(first: ContainerState, now: ContainerState, condition: WaitCondition): boolean {
  const hasEnded = now.status !== 'running' && now.status !== 'paused' && now.status !== 'restarting';
  if (condition === 'removed') return false;
  if (condition === 'not-running') return hasEnded;
  return now.run > first.run ? now.finishedAt !== first.finishedAt : now.finishedAt !== first.finishedAt && hasEnded;
}
