import type { UpdateContainerRequest, UpdateContainerResult } from '../../../api/index.ts';
import { findContainer, updateContainer as update } from '../../../container/index.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';

/** Changes limits and restart policy of a container. Throws `not-found`, `usage`. */
export async function updateContainer(
  services: Services,
  { container, resources, restartPolicy }: UpdateContainerRequest,
): Promise<UpdateContainerResult> {
  const home = await openContainers(services);
  const warnings = await update(home, findContainer(home, container), { resources, restartPolicy });
  return { warnings };
}
