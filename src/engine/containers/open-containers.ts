import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ContainerFolder,
  type ContainerHome,
  type ContainerRecord,
  isAnonymous,
  listRecords,
  readVolume,
  removeVolume,
} from '../../container/index.ts';
import { copyTree } from '../../host/index.ts';
import type { Call } from '../../progress.ts';
import type { Rootfs } from '../../snapshot/index.ts';
import { FOLDERS } from '../folders.ts';
import type { Services } from '../services.ts';
import { networkAccess } from './networks/network-access.ts';
import { volumeHome } from './volume-home.ts';

/** Opens the containers of a store. */
export async function openContainers(services: Services): Promise<ContainerHome> {
  const { config } = services;
  const directory = join(config.root, FOLDERS.containers.path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return {
    directory,
    clock: config.clock,
    sandbox: await services.containerSandbox(),
    supervisor: config.supervisor,
    network: networkAccess(services),
    volumes: { removeAnonymous: (record) => removeAnonymous(services, record) },
    environment: { ...config.environment, MKIMAGE_ROOT: config.root },
    changes: async (rootfs, exclude) => (await services.snapshotter()).changesOf(rootfs, { exclude }),
    rootfs: (record, folder, call) => openRootfs(services, { record, folder }, call),
  };
}

interface Rooted {
  readonly record: ContainerRecord;
  readonly folder: ContainerFolder;
}

/** The layers of the image, unpacked, with the writable directory of the container above them. */
async function openRootfs(services: Services, { record, folder }: Rooted, call: Call): Promise<Rootfs> {
  const snapshotter = await services.snapshotter();
  await using _lease = await services.store.lease();
  const { lowers } = await snapshotter.view(record.layers, call);
  if (snapshotter.name === 'overlay') {
    return { kind: 'overlay', lowers, upper: folder.file('upper'), work: folder.file('work') };
  }
  const path = folder.file('root');
  if (!existsSync(path)) await copyTree(lowers[0]!, path, call.signal);
  return { kind: 'directory', path };
}

async function removeAnonymous(services: Services, { mounts }: ContainerRecord): Promise<void> {
  const home = volumeHome(services);
  for (const { Name } of mounts) {
    const volume = Name === undefined ? undefined : readVolume(home, Name);
    if (volume !== undefined && isAnonymous(volume) && !isUsed(services, volume.Name))
      await removeVolume(home, volume.Name);
  }
}

/** Another container may have it with `--volumes-from`. */
function isUsed({ config }: Services, name: string): boolean {
  const records = listRecords({ directory: join(config.root, FOLDERS.containers.path) });
  return records.some(({ mounts }) => mounts.some((mount) => mount.Name === name));
}
