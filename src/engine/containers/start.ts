import type { Writable } from 'node:stream';
import {
  type ContainerFolder,
  type ContainerHome,
  type ContainerState,
  ensureSupervisor,
  findContainer,
  finishRun,
  holdContainer,
  isAlive,
  type OutputListener,
  settle,
  startRun,
  takeMonitorLock,
} from '../../container/index.ts';
import { MkimageError } from '../../errors.ts';
import type { WindowSize } from '../../host/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';
import { openContainers } from './open-containers.ts';

/** Starts a stopped container in the background. Returns false if it runs already. Throws `not-found`, and `step-failed` if its program cannot be started. */
export async function startContainer(services: Services, text: string, call: Call): Promise<boolean> {
  const home = await openContainers(services);
  const folder = findContainer(home, text);
  const hasStarted = await holdContainer(folder, async () => {
    if (!(await isStartable(home, folder))) return false;
    await startRun(home, folder, { isMonitored: false, hasInput: false, warn: warnBy(call), call });
    return true;
  });
  if (hasStarted) ensureSupervisor(home);
  return hasStarted;
}

async function isStartable(home: ContainerHome, folder: ContainerFolder): Promise<boolean> {
  const state = await settle(home, folder);
  if (isAlive(state)) return refusePaused(state);
  folder.writeState({
    ...state,
    status: state.run === 0 ? 'created' : 'exited',
    restartCount: 0,
    isStoppedByHand: false,
  });
  return true;
}

function refusePaused({ status }: ContainerState): boolean {
  if (status === 'paused') throw new MkimageError('in-use', 'cannot start a paused container, try unpause instead');
  return false;
}

function warnBy({ report }: Call): (message: string) => void {
  return (message) => report({ type: 'warning', message });
}

/** A container that this process has started and reads. */
export interface AttachedContainer {
  readonly id: string;
  /** Undefined if the container has no input. */
  readonly input: Writable | undefined;
  resize(size: WindowSize): void;
  /** Resolves when all output is read. A container that restarts by its policy continues in the background. */
  readonly exited: Promise<ContainerState>;
  /** Leaves the container to the background. */
  release(): Promise<void>;
}

export interface AttachOptions {
  readonly listener: OutputListener;
  readonly hasInput: boolean;
}

/** Starts a stopped container and reads its output in this process. Throws as `startContainer`, and `in-use` if it runs already. */
export async function startAttached(
  services: Services,
  { container: text, listener, hasInput }: AttachOptions & { readonly container: string },
  call: Call,
): Promise<AttachedContainer> {
  const home = await openContainers(services);
  const folder = findContainer(home, text);
  return holdContainer(folder, async () => {
    if (!(await isStartable(home, folder))) throw new MkimageError('in-use', `container ${text} is running already`);
    const lock = await takeMonitorLock(folder, MONITOR_PATIENCE_MS);
    if (lock === undefined) throw new MkimageError('in-use', `start container ${text}: another process monitors it`);
    try {
      const { monitor } = await startRun(home, folder, {
        listener,
        isMonitored: true,
        hasInput,
        warn: warnBy(call),
        call,
      });
      const exited = monitor!.ended
        .then(() => (monitor!.isAtEnd ? finishRun(home, folder) : folder.state()))
        .finally(() => lock[Symbol.asyncDispose]());
      const ended = exited.then((state) => {
        if (state.status === 'restarting') ensureSupervisor(home);
        return state;
      });
      ended.catch(() => {});
      return {
        id: folder.id,
        input: monitor!.input,
        resize: (size) => monitor!.resize(size),
        exited: ended,
        release: async () => {
          await monitor!.release();
          await ended;
          ensureSupervisor(home);
        },
      };
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  });
}

const MONITOR_PATIENCE_MS = 5000;
