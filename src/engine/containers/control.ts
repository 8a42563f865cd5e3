import type { KillRequest, StopRequest, WaitRequest, WaitResult } from '../../api/index.ts';
import {
  ensureSupervisor,
  findContainer,
  holdContainer,
  isGoneError,
  killContainer as kill,
  startRun,
  stopContainer as stop,
  tellContainer,
  waitForContainer,
} from '../../container/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';
import { openContainers } from './open-containers.ts';

/** Stops a container. Returns false if it did not run. */
export async function stopContainer(services: Services, { container, timeout, signal }: StopRequest): Promise<boolean> {
  const home = await openContainers(services);
  return stop(home, findContainer(home, container), { timeout, signal });
}

/** Sends a signal to a running container, by default SIGKILL. */
export async function killContainer(services: Services, { container, signal = 'KILL' }: KillRequest): Promise<void> {
  const home = await openContainers(services);
  await kill(home, findContainer(home, container), signal);
}

/** Stops a container, if it runs, and starts it again in the background. */
export async function restartContainer(
  services: Services,
  { container, timeout, signal }: StopRequest,
  call: Call,
): Promise<void> {
  const home = await openContainers(services);
  const folder = findContainer(home, container);
  await stop(home, folder, { timeout, signal });
  await holdContainer(folder, async () => {
    folder.writeState({ ...folder.state(), isStoppedByHand: false, restartCount: 0 });
    const warn = (message: string) => call.report({ type: 'warning', message });
    await startRun(home, folder, { isMonitored: false, hasInput: false, warn, call });
  });
  ensureSupervisor(home);
  tellContainer(home, folder.record(), 'restart');
}

/** Waits until a container has ended. Containers that nobody monitors are monitored meanwhile. */
export async function waitContainer(
  services: Services,
  { container, condition = 'not-running' }: WaitRequest,
  { signal, whenWatching }: Call & { readonly whenWatching?: () => void },
): Promise<WaitResult> {
  const home = await openContainers(services);
  const folder = findContainer(home, container);
  try {
    if (folder.state().status === 'running') ensureSupervisor(home);
  } catch (error) {
    if (!isGoneError(error)) throw error;
  }
  return waitForContainer(home, folder, { condition, signal, whenWatching });
}
