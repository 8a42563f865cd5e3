import type { Duplex } from 'node:stream';
import type { ContainerRequest } from '../../../api/index.ts';
import { connectToMonitor, findContainer, resizeContainer as resize } from '../../../container/index.ts';
import type { WindowSize } from '../../../host/index.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';

/** Connects to the streams of a running container, in frames; an empty frame ends its input. Throws `not-found`, and `in-use` if it does not run. */
export async function attachContainer(services: Services, { container }: ContainerRequest): Promise<Duplex> {
  const home = await openContainers(services);
  return connectToMonitor(home, findContainer(home, container));
}

/** Sets the size of the terminal of a running container. Throws as `attachContainer`. */
export async function resizeContainer(
  services: Services,
  { container, size }: ContainerRequest & { readonly size: WindowSize },
): Promise<void> {
  const home = await openContainers(services);
  await resize(home, findContainer(home, container), size);
}
