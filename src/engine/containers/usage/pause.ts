import type { ContainerRequest } from '../../../api/index.ts';
import { findContainer, pauseContainer as pause, unpauseContainer as unpause } from '../../../container/index.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';

/** Stops all processes of a running container where they are. Throws `not-found`, `in-use`, `unsupported`. */
export async function pauseContainer(services: Services, { container }: ContainerRequest): Promise<void> {
  const home = await openContainers(services);
  await pause(home, findContainer(home, container));
}

/** Lets the processes of a paused container continue. Throws `not-found`, `in-use`. */
export async function unpauseContainer(services: Services, { container }: ContainerRequest): Promise<void> {
  const home = await openContainers(services);
  await unpause(home, findContainer(home, container));
}
