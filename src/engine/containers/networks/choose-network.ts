import type { ContainerSettings, EndpointSettings, HostSettings } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';
import { DEFAULT_NETWORK, findObstacle } from '../../../network/index.ts';
import { findNetwork, type NetworkServices, networkFolder, requireNetworks } from './find-network.ts';

export interface WantedNetworks {
  readonly host: HostSettings;
  readonly config: ContainerSettings;
  readonly networks: Readonly<Record<string, EndpointSettings>>;
}

export interface ChosenNetworks {
  readonly mode: string;
  /** By the names of the networks; the first gives the default route. */
  readonly networks: Readonly<Record<string, EndpointSettings>>;
  readonly warnings: readonly string[];
}

/**
 * Decides in which networks a new container is. Without a request, that is the network `bridge`, or that of the host where this machine
 * cannot have a bridge; then a warning says so, and ports cannot be published. Throws `not-found`, `unsupported`, `usage`.
 */
export async function chooseNetworks(services: NetworkServices, wanted: WantedNetworks): Promise<ChosenNetworks> {
  const asked = wanted.host.NetworkMode ?? '';
  if (asked === '' || asked === 'default') return chooseDefault(services, wanted);
  if (asked === 'host' || asked === 'none') {
    refuseOthers(asked, wanted.networks);
    const lost = isPublished(wanted.host);
    return {
      mode: asked,
      networks: {},
      warnings: lost ? [`Published ports are discarded when using ${asked} network mode`] : [],
    };
  }
  if (asked.startsWith('container:')) {
    refuseOthers(asked, wanted.networks);
    if (isPublished(wanted.host))
      throw new MkimageError('usage', 'conflicting options: port publishing and the container type network mode');
    return { mode: asked, networks: {}, warnings: [] };
  }
  await requireNetworks(services, `connect to network ${asked}`);
  const { name } = await findNetwork(services, asked);
  return { mode: name, networks: await nameNetworks(services, name, wanted.networks), warnings: [] };
}

async function chooseDefault(services: NetworkServices, wanted: WantedNetworks): Promise<ChosenNetworks> {
  const obstacle = await findObstacle(networkFolder(services));
  if (obstacle === undefined) {
    const networks = await nameNetworks(services, DEFAULT_NETWORK, wanted.networks);
    return { mode: DEFAULT_NETWORK, networks, warnings: [] };
  }
  if (isPublished(wanted.host) || Object.keys(wanted.networks).length > 0)
    await requireNetworks(services, isPublished(wanted.host) ? 'publish ports' : 'connect to a network');
  const warning = `The container uses the network of the host, because this machine cannot have a bridge: ${obstacle}`;
  return { mode: 'host', networks: {}, warnings: [warning] };
}

function isPublished({ PublishAllPorts, PortBindings }: HostSettings): boolean {
  return PublishAllPorts === true || Object.keys(PortBindings ?? {}).length > 0;
}

function refuseOthers(mode: string, networks: WantedNetworks['networks']): void {
  const other = Object.keys(networks).find((name) => name !== mode);
  if (other !== undefined)
    throw new MkimageError('usage', `conflicting options: network ${other} and the network mode ${mode}`);
}

/** Clients may give names, ids, or `default` for the network of the mode. */
async function nameNetworks(
  services: NetworkServices,
  mode: string,
  asked: WantedNetworks['networks'],
): Promise<ChosenNetworks['networks']> {
  const named: Record<string, EndpointSettings> = { [mode]: {} };
  for (const [text, settings] of Object.entries(asked)) {
    const name = text === 'default' ? mode : (await findNetwork(services, text)).name;
    if (name === DEFAULT_NETWORK) refuseSettings(settings);
    named[name] = settings ?? {};
  }
  return named;
}

export function refuseSettings({ Aliases, IPAMConfig }: EndpointSettings = {}): void {
  if ((Aliases ?? []).length > 0)
    throw new MkimageError('usage', 'network-scoped alias is supported only for containers in user defined networks');
  if (IPAMConfig?.IPv4Address)
    throw new MkimageError(
      'usage',
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    );
}
