import type { ContainerRequest, PathChange } from '../../../api/index.ts';
import { findContainer, packTree, readChanges, withFiles } from '../../../container/index.ts';
import type { Call } from '../../../progress.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';

/** Lists what a container has changed in its image. Throws `not-found`, `unsupported`. */
export async function diffContainer(
  services: Services,
  { container }: ContainerRequest,
  call: Call,
): Promise<readonly PathChange[]> {
  const home = await openContainers(services);
  const place = { home, folder: findContainer(home, container) };
  return readChanges(
    place,
    async ({ changes, kindOf }) => Array.from(changes, kindOf).filter(({ Path }) => Path !== '/'),
    call,
  );
}

/** Gives the whole root filesystem of a container as a tar to `use`, without volumes and other mounts. Throws `not-found`. */
export async function exportContainer<T>(
  services: Services,
  { use, container }: ContainerRequest & { readonly use: (tar: AsyncIterable<Buffer>) => Promise<T> },
  call: Call,
): Promise<T> {
  const home = await openContainers(services);
  const place = { home, folder: findContainer(home, container) };
  return withFiles(
    place,
    async (view) => {
      using root = view.find('/', { follow: false });
      return await use(packTree(root, '', { signal: call.signal, isOneMount: true }));
    },
    call,
  );
}
