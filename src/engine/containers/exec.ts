import type { CreateExecRequest, ExecDetails } from '../../api/index.ts';
import {
  createExec as create,
  describeExec,
  findContainer,
  findExec,
  type OutputListener,
  type RunningExec,
  startExec as start,
} from '../../container/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';
import { openContainers } from './open-containers.ts';

/** Notes a process that shall run in a container. Returns its ID. Throws `not-found`, `in-use` if the container does not run, `usage`. */
export async function createExec(services: Services, { container, settings }: CreateExecRequest): Promise<string> {
  const home = await openContainers(services);
  return create(home, findContainer(home, container), settings);
}

/** Starts a process that was noted, and reads its output in this process. Throws as `startDetachedExec`. */
export async function startExec(
  services: Services,
  { id, listener }: { readonly id: string; readonly listener: OutputListener },
  call: Call,
): Promise<RunningExec> {
  const home = await openContainers(services);
  return start(home, { ...findExec(home, id), take: listener, call });
}

/** Starts a process that was noted; its output goes nowhere. Throws `not-found`, `in-use`, and `step-failed` if it cannot be started. */
export async function startDetachedExec(services: Services, id: string, call: Call): Promise<void> {
  const home = await openContainers(services);
  await start(home, { ...findExec(home, id), take: undefined, call });
}

/** Throws `not-found`. */
export async function inspectExec(services: Services, id: string): Promise<ExecDetails> {
  const home = await openContainers(services);
  return describeExec(home, findExec(home, id).folder);
}
