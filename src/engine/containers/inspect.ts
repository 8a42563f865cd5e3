import { existsSync } from 'node:fs';
import type { ContainerDetails, ContainerStateDetails, EndpointDetails, NetworkSettings } from '../../api/index.ts';
import {
  type ContainerFolder,
  type ContainerRecord,
  type ContainerState,
  type Endpoint,
  findContainer,
  isExecRunning,
  listExecs,
  settle,
} from '../../container/index.ts';
import { measureDiskBytes } from '../../host/index.ts';
import type { Services } from '../services.ts';
import { openContainers } from './open-containers.ts';

export interface InspectContainerOptions {
  readonly size: boolean;
}

/** Returns a container as `docker inspect` shows it. Throws `not-found`. */
export async function inspectContainer(
  services: Services,
  text: string,
  { size }: InspectContainerOptions,
): Promise<ContainerDetails> {
  const home = await openContainers(services);
  const folder = findContainer(home, text);
  const state = await settle(home, folder);
  return detailsOf(folder, state, size);
}

export function detailsOf(folder: ContainerFolder, state: ContainerState, size: boolean): ContainerDetails {
  const record = folder.record();
  const [path = '', ...args] = record.argv;
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: stateDetails(state),
    Image: record.image,
    ResolvConfPath: folder.file('resolv.conf'),
    HostnamePath: folder.file('hostname'),
    HostsPath: folder.file('hosts'),
    LogPath: record.host.LogConfig?.Type === 'none' ? '' : folder.log,
    Name: `/${record.name}`,
    RestartCount: state.restartCount,
    Driver: existsSync(folder.file('root')) ? 'native' : 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: execIdsOf(folder),
    HostConfig: hostDetails(record),
    GraphDriver: { Name: 'overlay2', Data: { UpperDir: folder.file('upper'), WorkDir: folder.file('work') } },
    ...(size && { SizeRw: measureDiskBytes(folder.file('upper')) }),
    Mounts: record.mounts,
    Config: record.config,
    NetworkSettings: networkDetails(record, state),
  };
}

function execIdsOf(folder: ContainerFolder): readonly string[] | null {
  const running = listExecs(folder).filter(isExecRunning);
  return running.length === 0 ? null : running.map(({ id }) => id);
}

export function stateDetails(state: ContainerState): ContainerStateDetails {
  const { status, health } = state;
  return {
    Status: status,
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: status === 'dead',
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(health !== undefined && { Health: health }),
  };
}

/** Members that clients expect, with the values of settings that nobody made. */
function hostDetails({ host }: ContainerRecord): ContainerDetails['HostConfig'] {
  return {
    Binds: null,
    ContainerIDFile: '',
    VolumesFrom: null,
    CapAdd: null,
    CapDrop: null,
    CgroupnsMode: 'private',
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ExtraHosts: null,
    GroupAdd: null,
    Links: null,
    OomScoreAdj: 0,
    SecurityOpt: null,
    UsernsMode: '',
    Runtime: 'namespaces',
    CpuShares: 0,
    Memory: 0,
    NanoCpus: 0,
    BlkioWeight: 0,
    CpuPeriod: 0,
    CpuQuota: 0,
    CpusetCpus: '',
    CpusetMems: '',
    Devices: [],
    MemoryReservation: 0,
    MemorySwap: 0,
    OomKillDisable: false,
    PidsLimit: null,
    Ulimits: null,
    ...host,
  };
}

export function networkDetails(record: ContainerRecord, state: ContainerState): NetworkSettings {
  const networks = networksOf(record, state);
  const first = Object.values(networks)[0];
  return {
    Bridge: '',
    SandboxID: '',
    SandboxKey: state.pid === 0 ? '' : `/proc/${state.pid}/ns/net`,
    Ports: portsOf(record, state),
    EndpointID: first?.EndpointID ?? '',
    Gateway: first?.Gateway ?? '',
    IPAddress: first?.IPAddress ?? '',
    IPPrefixLen: first?.IPPrefixLen ?? 0,
    MacAddress: first?.MacAddress ?? '',
    Networks: networks,
  };
}

/** Exposed ports that are not published have the value null. */
function portsOf({ config }: ContainerRecord, state: ContainerState): NetworkSettings['Ports'] {
  if (state.pid === 0) return {};
  const exposed = Object.keys(config.ExposedPorts ?? {}).map((port) => [port, null] as const);
  return { ...Object.fromEntries(exposed), ...state.ports };
}

export function networksOf(
  record: ContainerRecord,
  { endpoints }: ContainerState,
): Readonly<Record<string, EndpointDetails>> {
  const mode = record.host.NetworkMode ?? 'default';
  const names = Object.keys(record.networks);
  if (mode.startsWith('container:')) return {};
  const wanted = names.length > 0 ? names : [mode === 'default' ? 'bridge' : mode];
  return Object.fromEntries(
    wanted.map((name) => [
      name,
      endpointOf(
        record,
        endpoints.find(({ network }) => network === name),
        name,
      ),
    ]),
  );
}

function endpointOf(record: ContainerRecord, endpoint: Endpoint | undefined, name: string): EndpointDetails {
  const settings = record.networks[name];
  return {
    IPAMConfig: settings?.IPAMConfig ?? null,
    Links: null,
    Aliases: endpoint?.aliases ?? settings?.Aliases ?? null,
    DNSNames: endpoint === undefined ? null : [record.name, ...endpoint.aliases],
    NetworkID: endpoint?.networkId ?? '',
    EndpointID: endpoint?.endpointId ?? '',
    Gateway: endpoint?.gateway ?? '',
    IPAddress: endpoint?.address ?? '',
    IPPrefixLen: endpoint?.prefix ?? 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: endpoint?.mac ?? '',
    DriverOpts: null,
  };
}
