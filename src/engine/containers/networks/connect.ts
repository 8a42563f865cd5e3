import type { ConnectNetworkRequest, DisconnectNetworkRequest } from '../../../api/index.ts';
import {
  type ContainerFolder,
  type ContainerHome,
  type ContainerRecord,
  findContainer,
  holdContainer,
  isAlive,
  settle,
  writeNetworkFiles,
} from '../../../container/index.ts';
import { MkimageError } from '../../../errors.ts';
import { type Attachment, attachMore, DEFAULT_NETWORK, detachOne, type NetworkRecord } from '../../../network/index.ts';
import type { Services } from '../../services.ts';
import { openContainers } from '../open-containers.ts';
import { refuseSettings } from './choose-network.ts';
import { findNetwork, networkFolder, requireNetworks } from './find-network.ts';
import { tellNetwork } from './tell-network.ts';

/** Connects a container to a network, also while it runs. Throws `not-found`, `in-use`, `usage`. */
export async function connectNetwork(
  services: Services,
  { network, container, settings }: ConnectNetworkRequest,
): Promise<void> {
  await requireNetworks(services, 'connect to network');
  const record = await findNetwork(services, network);
  if (record.name === DEFAULT_NETWORK) refuseSettings(settings);
  await change(services, container, async (folder, home) => {
    const before = folder.record();
    refuseMode(before);
    if (Object.hasOwn(before.networks, record.name))
      throw new MkimageError('in-use', `endpoint with name ${before.name} already exists in network ${record.name}`);
    const after = { ...before, networks: { ...before.networks, [record.name]: settings } };
    const state = await settle(home, folder);
    const attachment = isAlive(state)
      ? await attachMore(networkFolder(services), folder.id, { network: record, settings })
      : undefined;
    keep(folder, after, attachment);
    await tellNetwork(services, record, { action: 'connect', container: folder.id });
  });
}

/** Takes a container out of a network, also while it runs. Throws `not-found`, `usage`. */
export async function disconnectNetwork(
  services: Services,
  { network, container, force }: DisconnectNetworkRequest,
): Promise<void> {
  const record = await findNetwork(services, network);
  await change(services, container, async (folder, home) => {
    const before = folder.record();
    if (!Object.hasOwn(before.networks, record.name)) {
      if (force) return;
      throw notConnected(before, record);
    }
    const { [record.name]: _, ...networks } = before.networks;
    const state = await settle(home, folder);
    const attachment = isAlive(state) ? await detachOne(networkFolder(services), folder.id, record.id) : undefined;
    keep(folder, { ...before, networks }, attachment);
    await tellNetwork(services, record, { action: 'disconnect', container: folder.id });
  });
}

async function change(
  services: Services,
  container: string,
  work: (folder: ContainerFolder, home: ContainerHome) => Promise<void>,
): Promise<void> {
  const home = await openContainers(services);
  const folder = findContainer(home, container);
  await holdContainer(folder, () => work(folder, home));
}

function keep(folder: ContainerFolder, record: ContainerRecord, attachment: Attachment | undefined): void {
  folder.writeRecord(record);
  if (attachment === undefined) return;
  folder.writeState({ ...folder.state(), endpoints: attachment.endpoints });
  writeNetworkFiles(folder, record, attachment.endpoints);
}

function refuseMode({ host: { NetworkMode = '' } }: ContainerRecord): void {
  if (NetworkMode === 'host')
    throw new MkimageError(
      'usage',
      'container cannot be connected to multiple networks with one of the networks in host mode',
    );
  if (NetworkMode === 'none')
    throw new MkimageError(
      'usage',
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  if (NetworkMode.startsWith('container:'))
    throw new MkimageError(
      'usage',
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
}

function notConnected({ id }: ContainerRecord, { name }: NetworkRecord): MkimageError {
  return new MkimageError('usage', `container ${id} is not connected to network ${name}`);
}
