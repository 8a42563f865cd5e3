import type { PruneContainersRequest, PruneContainersResult, RemoveContainerRequest } from '../../api/index.ts';
import {
  ContainerFolder,
  findContainer,
  listRecords,
  removeContainer as remove,
  settle,
} from '../../container/index.ts';
import { measureDiskBytes } from '../../host/index.ts';
import type { Services } from '../services.ts';
import { matchesLabels, matchesUntil, refuseUnknownFilters } from './filters.ts';
import { openContainers } from './open-containers.ts';

/** Removes a container. Throws `not-found`, and `in-use` if it runs. */
export async function removeContainer(
  services: Services,
  { container, force, volumes }: RemoveContainerRequest,
): Promise<void> {
  const home = await openContainers(services);
  await remove(home, findContainer(home, container), { force, volumes });
}

/** Removes all containers that do not run. */
export async function pruneContainers(
  services: Services,
  { filters }: PruneContainersRequest,
): Promise<PruneContainersResult> {
  refuseUnknownFilters(filters, ['label', 'label!', 'until']);
  const home = await openContainers(services);
  const deleted: string[] = [];
  let bytes = 0;
  for (const record of listRecords(home)) {
    const folder = new ContainerFolder(home.directory, record.id);
    const { status } = await settle(home, folder);
    if (status !== 'created' && status !== 'exited' && status !== 'dead') continue;
    if (!matchesLabels(record.config.Labels, filters) || !matchesUntil(record.created, filters, home.clock())) continue;
    const size = measureDiskBytes(folder.path);
    await remove(home, folder, { force: false, volumes: false });
    bytes += size;
    deleted.push(record.id);
  }
  return { ContainersDeleted: deleted, SpaceReclaimed: bytes };
}
