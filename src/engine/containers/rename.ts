import type { RenameContainerRequest } from '../../api/index.ts';
import {
  findContainer,
  holdNames,
  listRecords,
  refuseTaken,
  requireValidName,
  tellContainer,
} from '../../container/index.ts';
import { renameAttached } from '../../network/index.ts';
import type { Services } from '../services.ts';
import { networkFolder } from './networks/find-network.ts';
import { openContainers } from './open-containers.ts';

/** Gives a container another name. Throws `not-found`, `usage`, `in-use`. */
export async function renameContainer(services: Services, { container, name }: RenameContainerRequest): Promise<void> {
  const home = await openContainers(services);
  const wanted = name.replace(/^\//, '');
  requireValidName(wanted);
  await holdNames(home, async () => {
    const folder = findContainer(home, container);
    const record = folder.record();
    refuseTaken(listRecords(home), wanted);
    folder.writeRecord({ ...record, name: wanted });
    if (folder.state().endpoints.length > 0) await renameAttached(networkFolder(services), folder.id, wanted);
    tellContainer(home, { ...record, name: wanted }, { action: 'rename', more: { oldName: `/${record.name}` } });
  });
}
