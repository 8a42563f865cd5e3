import type {
  ContainerResources,
  ContainerSettings,
  CreateContainerRequest,
  EndpointSettings,
  HostSettings,
  RestartPolicy,
  UpdateContainerRequest,
} from '../../../api/index.ts';
import { parseWantedPlatform } from '../../../oci/index.ts';
import type { Exchange } from '../http/exchange.ts';
import { HttpFailure } from '../http/failure.ts';
import { isObject } from '../http/query.ts';
import { type Shape, takeMembers } from './shape.ts';

const SETTINGS: Shape = {
  Hostname: 'text',
  Domainname: 'text',
  User: 'text',
  AttachStdin: 'flag',
  AttachStdout: 'flag',
  AttachStderr: 'flag',
  ExposedPorts: 'object',
  Tty: 'flag',
  OpenStdin: 'flag',
  StdinOnce: 'flag',
  Env: 'words',
  Cmd: 'words',
  Entrypoint: 'words',
  Healthcheck: 'object',
  Image: 'text',
  Volumes: 'object',
  WorkingDir: 'text',
  Labels: 'texts',
  StopSignal: 'text',
  StopTimeout: 'number',
  Shell: 'words',
};

const RESOURCES: Shape = {
  Memory: 'number',
  MemoryReservation: 'number',
  MemorySwap: 'number',
  NanoCpus: 'number',
  CpuShares: 'number',
  CpuPeriod: 'number',
  CpuQuota: 'number',
  CpusetCpus: 'text',
  CpusetMems: 'text',
  BlkioWeight: 'number',
  PidsLimit: 'number',
  OomKillDisable: 'flag',
};

const HOST: Shape = {
  ...RESOURCES,
  Binds: 'words',
  Mounts: 'list',
  Tmpfs: 'texts',
  VolumesFrom: 'words',
  ContainerIDFile: 'text',
  LogConfig: 'object',
  NetworkMode: 'text',
  PortBindings: 'object',
  PublishAllPorts: 'flag',
  RestartPolicy: 'object',
  AutoRemove: 'flag',
  CapAdd: 'words',
  CapDrop: 'words',
  SecurityOpt: 'words',
  Privileged: 'flag',
  ReadonlyRootfs: 'flag',
  Dns: 'words',
  DnsSearch: 'words',
  DnsOptions: 'words',
  ExtraHosts: 'words',
  GroupAdd: 'words',
  IpcMode: 'text',
  PidMode: 'text',
  UTSMode: 'text',
  UsernsMode: 'text',
  CgroupnsMode: 'text',
  ShmSize: 'number',
  Ulimits: 'list',
  Devices: 'list',
  Sysctls: 'texts',
  Init: 'flag',
  OomScoreAdj: 'number',
  Links: 'words',
  Runtime: 'text',
};

const ENDPOINT: Shape = { Aliases: 'words', IPAMConfig: 'object' };

/** Reads a request to create a container: the members of the settings lie flat beside `HostConfig`. Throws 400. */
export async function readCreateContainer(exchange: Exchange): Promise<CreateContainerRequest> {
  const body = await exchange.readJson();
  const { query } = exchange;
  const networking = takeMembers(body.NetworkingConfig, { EndpointsConfig: 'object' }, 'NetworkingConfig');
  return {
    name: query.get('name') || undefined,
    platform: readPlatform(query.get('platform') ?? ''),
    config: takeMembers(body, SETTINGS, 'the container') as ContainerSettings,
    host: readHost(body.HostConfig),
    networks: readEndpoints(networking.EndpointsConfig),
    pull: 'never', // clients pull by themselves
  };
}

export function readPlatform(text: string): CreateContainerRequest['platform'] {
  return text === '' ? undefined : parseWantedPlatform(text);
}

/**
 * Reads a request to change limits. Clients send all members: 0 and '' mean that a limit stays as it is, other than a limit of
 * processes, for which 0 means none. Throws 400.
 */
export function readUpdate(body: unknown): Pick<UpdateContainerRequest, 'resources' | 'restartPolicy'> {
  const { RestartPolicy, ...resources } = takeMembers(body, { ...RESOURCES, RestartPolicy: 'object' }, 'the update');
  const restart = readRestart(RestartPolicy);
  const isGiven = ([name, value]: readonly [string, unknown]) =>
    name === 'PidsLimit' || (value !== 0 && value !== '' && value !== false);
  return {
    resources: Object.fromEntries(Object.entries(resources).filter(isGiven)) as ContainerResources,
    restartPolicy: restart?.Name === '' ? undefined : restart,
  };
}

function readRestart(document: unknown): RestartPolicy | undefined {
  const restart = takeMembers(document, { Name: 'text', MaximumRetryCount: 'number' }, 'RestartPolicy');
  if (restart.Name === undefined) return undefined;
  return { Name: restart.Name, MaximumRetryCount: restart.MaximumRetryCount ?? 0 } as RestartPolicy;
}

/** Numbers that mean "not limited" to Docker's clients are left out. */
function readHost(document: unknown): HostSettings {
  const { PidsLimit, LogConfig, RestartPolicy, Runtime, ...host } = takeMembers(document, HOST, 'HostConfig');
  const log = takeMembers(LogConfig, { Type: 'text', Config: 'texts' }, 'LogConfig');
  const restart = readRestart(RestartPolicy);
  const bindings = host.PortBindings === undefined ? undefined : readBindings(host.PortBindings);
  return {
    ...host,
    ...(bindings !== undefined && { PortBindings: bindings }),
    ...(typeof PidsLimit === 'number' && PidsLimit > 0 && { PidsLimit }),
    ...(log.Type !== undefined && log.Type !== '' && { LogConfig: { Type: log.Type, Config: log.Config ?? {} } }),
    ...(restart !== undefined && { RestartPolicy: restart }),
    ...(Runtime !== undefined && Runtime !== '' && Runtime !== 'namespaces' && { Runtime }),
  } as HostSettings;
}

function readBindings(document: unknown): NonNullable<HostSettings['PortBindings']> {
  return Object.fromEntries(
    Object.entries(document as object).map(([port, bindings]) => {
      if (bindings !== null && !Array.isArray(bindings)) throw new HttpFailure(400, `invalid port binding of ${port}`);
      const list = ((bindings ?? []) as readonly unknown[]).map((each) => {
        const { HostIp = '', HostPort = '' } = takeMembers(each, { HostIp: 'text', HostPort: 'text' }, 'PortBindings');
        return { HostIp: String(HostIp), HostPort: String(HostPort) };
      });
      return [port, list];
    }),
  );
}

/** Reads the places in networks by name. */
function readEndpoints(document: unknown): Readonly<Record<string, EndpointSettings>> {
  if (!isObject(document)) return {};
  return Object.fromEntries(
    Object.entries(document).map(([network, settings]) => [network, readEndpoint(settings)] as const),
  );
}

export function readEndpoint(document: unknown): EndpointSettings {
  const { IPAMConfig, ...settings } = takeMembers(document, ENDPOINT, 'the endpoint');
  const ipam = takeMembers(IPAMConfig, { IPv4Address: 'text' }, 'IPAMConfig');
  return { ...settings, ...(ipam.IPv4Address !== undefined && ipam.IPv4Address !== '' && { IPAMConfig: ipam }) };
}
