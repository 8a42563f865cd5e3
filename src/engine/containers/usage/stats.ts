import type { ContainerRequest, ContainerStats } from '../../../api/index.ts';
import { findContainer, readStats } from '../../../container/index.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';

/** Measures once. `before`: the measurement before, for percentages. Throws `not-found`. */
export async function measureContainer(
  services: Services,
  { container }: ContainerRequest,
  before?: ContainerStats,
): Promise<ContainerStats> {
  const home = await openContainers(services);
  return await readStats(home, findContainer(home, container), before);
}
