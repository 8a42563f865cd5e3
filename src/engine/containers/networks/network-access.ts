import type { PortBinding, PortMap } from '../../../api/index.ts';
import type { ContainerRecord, NetworkAccess } from '../../../container/index.ts';
import { attach, detach, toPortMap } from '../../../network/index.ts';
import { findNetwork, type NetworkServices, networkFolder, requireNetworks } from './find-network.ts';

/** Connects containers to the networks of a store. */
export function networkAccess(services: NetworkServices): NetworkAccess {
  const folder = networkFolder(services);
  return {
    connect: async (record, pid) => {
      const names = Object.keys(record.networks);
      if (names.length === 0 && isWithout(record)) return { endpoints: [], ports: {} };
      await requireNetworks(services, `start container ${record.name}`);
      const networks = await Promise.all(
        names.map(async (name) => ({
          network: await findNetwork(services, name),
          settings: record.networks[name] ?? {},
        })),
      );
      const { endpoints, ports } = await attach(folder, {
        container: record.id,
        name: record.name,
        pid,
        networks,
        ports: portsOf(record),
        dns: record.host.Dns ?? [],
      });
      return { endpoints, ports: toPortMap(ports) };
    },
    disconnect: async (record, { endpoints }) => {
      if (endpoints.length > 0 || !isWithout(record)) await detach(folder, record.id, endpoints);
    },
  };
}

/** It has no place in networks, also not later. */
function isWithout({ host: { NetworkMode = 'host' } }: ContainerRecord): boolean {
  return NetworkMode === 'host' || NetworkMode === 'none' || NetworkMode.startsWith('container:');
}

/** With `--publish-all`, exposed ports without a binding get a free port. */
function portsOf({ host, config }: ContainerRecord): PortMap {
  const free: readonly PortBinding[] = [{ HostIp: '', HostPort: '' }];
  const exposed = host.PublishAllPorts === true ? Object.keys(config.ExposedPorts ?? {}) : [];
  const whole = exposed.map((port) => [port.includes('/') ? port : `${port}/tcp`, free] as const);
  return { ...Object.fromEntries(whole), ...host.PortBindings };
}
