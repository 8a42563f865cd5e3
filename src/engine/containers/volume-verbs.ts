import { join } from 'node:path';
import type {
  CreateVolumeRequest,
  ListVolumesRequest,
  PruneVolumesRequest,
  PruneVolumesResult,
  RemoveVolumeRequest,
  VolumeDetails,
} from '../../api/index.ts';
import {
  createVolume as create,
  isAnonymous,
  listVolumes as list,
  listRecords,
  readVolume,
  removeVolume as remove,
} from '../../container/index.ts';
import { MkimageError } from '../../errors.ts';
import { measureDiskBytes } from '../../host/index.ts';
import { FOLDERS } from '../folders.ts';
import type { Services } from '../services.ts';
import { matchesLabels, refuseUnknownFilters } from './filters.ts';
import { volumeHome } from './volume-home.ts';

type VolumeServices = Pick<Services, 'config'>;

/** Creates a volume, or returns the one of this name. Throws `unsupported` for other drivers and options. */
export async function createVolume(
  services: VolumeServices,
  { name, driver = 'local', labels, options }: CreateVolumeRequest,
): Promise<VolumeDetails> {
  if (driver !== 'local')
    throw new MkimageError('unsupported', `create volume: driver \`${driver}\` is not supported`, {
      hint: 'use the driver `local`',
    });
  if (Object.keys(options).length > 0)
    throw new MkimageError('unsupported', 'create volume: options of the driver are not supported');
  return create(volumeHome(services), { name, labels });
}

/** Lists volumes by name. Filters: dangling, driver, label, name. */
export async function listVolumes(
  services: VolumeServices,
  { filters }: ListVolumesRequest,
): Promise<readonly VolumeDetails[]> {
  refuseUnknownFilters(filters, ['dangling', 'driver', 'label', 'name']);
  const used = usedVolumes(services);
  const isTrue = (text: string) => text === 'true' || text === '1';
  return list(volumeHome(services)).filter(
    (volume) =>
      matchesLabels(volume.Labels, filters) &&
      (filters.name ?? ['']).some((name) => volume.Name.includes(name)) &&
      (filters.driver ?? ['local']).includes('local') &&
      (filters.dangling ?? []).every((each) => isTrue(each) !== used.has(volume.Name)),
  );
}

/** Throws `not-found`. */
export async function inspectVolume(services: VolumeServices, name: string): Promise<VolumeDetails> {
  const found = readVolume(volumeHome(services), name);
  if (found === undefined) throw new MkimageError('not-found', `get ${name}: no such volume`);
  return found;
}

/** Throws `not-found`, and `in-use` if a container has it. */
export async function removeVolume(services: VolumeServices, { name, force }: RemoveVolumeRequest): Promise<void> {
  const home = volumeHome(services);
  if (force && readVolume(home, name) === undefined) return;
  const user = usedVolumes(services).get(name);
  if (user !== undefined) throw new MkimageError('in-use', `remove ${name}: volume is in use - [${user}]`);
  await remove(home, name);
}

/** Removes volumes that no container has: anonymous ones, or all. */
export async function pruneVolumes(
  services: VolumeServices,
  { all, filters }: PruneVolumesRequest,
): Promise<PruneVolumesResult> {
  refuseUnknownFilters(filters, ['label', 'label!', 'all']);
  const home = volumeHome(services);
  const used = usedVolumes(services);
  const doomed = list(home).filter(
    (volume) => (all || isAnonymous(volume)) && !used.has(volume.Name) && matchesLabels(volume.Labels, filters),
  );
  let bytes = 0;
  for (const { Name, Mountpoint } of doomed) {
    bytes += measureDiskBytes(Mountpoint);
    await remove(home, Name);
  }
  return { VolumesDeleted: doomed.map(({ Name }) => Name), SpaceReclaimed: bytes };
}

/** Names of volumes, with the id of a container that has it. */
function usedVolumes({ config }: VolumeServices): ReadonlyMap<string, string> {
  const records = listRecords({ directory: join(config.root, FOLDERS.containers.path) });
  return new Map(
    records.flatMap(({ id, mounts }) =>
      mounts.flatMap(({ Name }) => (Name === undefined ? [] : [[Name, id] as const])),
    ),
  );
}
