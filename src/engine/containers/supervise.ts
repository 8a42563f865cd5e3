import { supervise } from '../../container/index.ts';
import type { Services } from '../services.ts';
import { openContainers } from './open-containers.ts';

/** Monitors the containers of a store until none runs. */
export async function superviseContainers(services: Services, signal: AbortSignal): Promise<void> {
  await supervise(await openContainers(services), signal);
}
