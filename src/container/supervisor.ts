import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLock } from '../host/index.ts';
import { createQuietCall } from '../progress.ts';
import { isGoneError } from './containers.ts';
import type { ContainerHome } from './home.ts';
import { holdContainer, takeLock, takeMonitorLock } from './life/locks.ts';
import { adopt, isAlive } from './life/settle.ts';
import { startRun } from './life/start.ts';
import { ContainerFolder, type ContainerState, listContainerIds } from './record.ts';
import { delayOf } from './restart-delay.ts';

const LOCK = 'supervisor';
const LOOK_MS = 100;
/** How long the supervisor stays when nothing runs. */
const IDLE_MS = 2000;

/** Starts the supervisor of a home, if none runs. It finds by itself what there is to do. */
export function ensureSupervisor(home: ContainerHome): void {
  if (new FileLock(join(home.directory, LOCK)).isHeld() || home.supervisor === undefined) return;
  const [program, ...args] = home.supervisor;
  const child = spawn(program!, args, { cwd: '/', env: { ...home.environment }, stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

/**
 * Monitors all containers that no other process monitors, and applies restart policies and health checks. Ends when nothing runs.
 * If it is killed, the next command starts another one.
 */
export async function supervise(home: ContainerHome, signal: AbortSignal): Promise<void> {
  for (;;) {
    const lock = await takeLock(join(home.directory, LOCK), 0);
    if (lock === undefined) return;
    try {
      await new Supervision(home, signal).run();
    } finally {
      await lock[Symbol.asyncDispose]();
    }
    // A container may have started between the last look and the release of the lock.
    if (signal.aborted || !new Supervision(home, signal).hasWork()) return;
  }
}

class Supervision {
  readonly #home: ContainerHome;
  readonly #signal: AbortSignal;
  readonly #held = new Set<string>();

  constructor(home: ContainerHome, signal: AbortSignal) {
    this.#home = home;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    for (let idle = 0; idle < IDLE_MS && !this.#signal.aborted && existsSync(this.#home.directory); idle += LOOK_MS) {
      this.#look();
      if (this.hasWork()) idle = 0;
      await sleep(LOOK_MS, undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  hasWork(): boolean {
    return this.#held.size > 0 || this.#folders().some((folder) => needsSupervisor(folder));
  }

  #folders(): readonly ContainerFolder[] {
    return listContainerIds(this.#home.directory).map((id) => new ContainerFolder(this.#home.directory, id));
  }

  #look(): void {
    for (const folder of this.#folders()) {
      if (this.#held.has(folder.id) || !needsSupervisor(folder)) continue;
      this.#held.add(folder.id);
      void this.#monitor(folder).finally(() => this.#held.delete(folder.id));
    }
  }

  async #monitor(folder: ContainerFolder): Promise<void> {
    try {
      await using lock = await takeMonitorLock(folder, 0);
      if (lock === undefined) return void (await sleep(LOOK_MS * 5));
      for (
        let state = await adopt(this.#home, folder);
        state.status === 'restarting';
        state = await adopt(this.#home, folder)
      ) {
        if (!(await this.#restart(folder, state))) return;
      }
    } catch (error) {
      if (!isGoneError(error)) await sleep(LOOK_MS * 10);
    }
  }

  /** Starts a container again after its delay. Returns false if it must not be started any more. */
  async #restart(folder: ContainerFolder, ended: ContainerState): Promise<boolean> {
    await sleep(delayOf(ended, this.#home.clock()), undefined, { signal: this.#signal }).catch(() => {});
    return holdContainer(folder, async () => {
      const state = folder.state();
      if (state.status !== 'restarting' || this.#signal.aborted) return false;
      folder.writeState({ ...state, restartCount: state.restartCount + 1 });
      try {
        await startRun(this.#home, folder, {
          isMonitored: false,
          hasInput: false,
          warn: () => {},
          call: createQuietCall(),
        });
      } catch {
        folder.writeState({ ...folder.state(), status: 'exited' });
        return false;
      }
      return true;
    });
  }
}

function needsSupervisor(folder: ContainerFolder): boolean {
  try {
    const state = folder.state();
    return state.status === 'restarting' || state.status === 'running' || state.status === 'paused' || isAlive(state);
  } catch {
    return false;
  }
}
