import type { TopRequest, TopResult } from '../../../api/index.ts';
import { findContainer, listProcesses } from '../../../container/index.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';

/** Lists the processes of a running container. Throws `not-found`, `in-use`, `usage`, `unsupported`. */
export async function topContainer(services: Services, request: TopRequest): Promise<TopResult> {
  const home = await openContainers(services);
  return await listProcesses(home, findContainer(home, request.container), request.arguments);
}
