import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { listContainers } from '../../../engine/containers/list.ts';
import { listImages } from '../../../engine/images/images.ts';
import type { Daemon } from '../shared.ts';

/** The reply to `GET /info`: this machine and this store. */
export async function describeHost({ services, version }: Daemon): Promise<Readonly<Record<string, unknown>>> {
  const { root, platform, environment } = services.config;
  const containers = await listContainers(services, { all: true, filters: {}, size: false });
  const count = (state: string) => containers.filter((each) => each.State === state).length;
  const images = await listImages(services, {});
  return {
    ID: createHash('sha256').update(root).digest('hex').slice(0, 32),
    Name: readWord('/proc/sys/kernel/hostname'),
    ServerVersion: version,
    Containers: containers.length,
    ContainersRunning: count('running'),
    ContainersPaused: count('paused'),
    ContainersStopped: containers.length - count('running') - count('paused'),
    Images: new Set(images.map(({ id }) => id)).size,
    Driver: 'overlay2',
    DriverStatus: [],
    DockerRootDir: root,
    OSType: platform.os,
    Architecture: readMachine(platform.architecture),
    ...describeMachine(),
    HttpProxy: environment.HTTP_PROXY ?? environment.http_proxy ?? '',
    HttpsProxy: environment.HTTPS_PROXY ?? environment.https_proxy ?? '',
    NoProxy: environment.NO_PROXY ?? environment.no_proxy ?? '',
    SystemTime: services.config.now(),
    ...SETTINGS,
  };
}

const SETTINGS = {
  Plugins: { Volume: ['local'], Network: ['bridge', 'host', 'null'], Authorization: null, Log: ['json-file', 'none'] },
  IndexServerAddress: 'https://index.docker.io/v1/',
  RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: {}, Mirrors: [] },
  Swarm: {
    NodeID: '',
    NodeAddr: '',
    LocalNodeState: 'inactive',
    ControlAvailable: false,
    Error: '',
    RemoteManagers: null,
  },
  Runtimes: { namespaces: { path: 'namespaces' } },
  DefaultRuntime: 'namespaces',
  CgroupDriver: 'cgroupfs',
  LoggingDriver: 'json-file',
  SecurityOptions: ['name=seccomp,profile=default'],
  InitBinary: '',
  LiveRestoreEnabled: true,
  ExperimentalBuild: false,
  Debug: false,
  NFd: 0,
  NGoroutines: 0,
  NEventsListener: 0,
  MemoryLimit: true,
  SwapLimit: true,
  CpuCfsPeriod: true,
  CpuCfsQuota: true,
  CPUShares: true,
  CPUSet: true,
  PidsLimit: true,
  OomKillDisable: false,
  IPv4Forwarding: true,
  BridgeNfIptables: false,
  BridgeNfIp6tables: false,
  Isolation: '',
  Labels: [],
  Warnings: null,
};

const ARCHITECTURES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

function readMachine(architecture: string): string {
  return ARCHITECTURES[architecture] ?? architecture;
}

function describeMachine(): Readonly<Record<string, unknown>> {
  const processors = readWord('/proc/cpuinfo')
    .split('\n')
    .filter((line) => line.startsWith('processor')).length;
  const memory = /^MemTotal: *(\d+) kB$/m.exec(readWord('/proc/meminfo'))?.[1];
  const name = /^PRETTY_NAME="([^"\n]*)"$/m.exec(readWord('/etc/os-release'))?.[1];
  return {
    KernelVersion: readWord('/proc/sys/kernel/osrelease'),
    OperatingSystem: name ?? 'Linux',
    OSVersion: '',
    NCPU: Math.max(1, processors),
    MemTotal: Number(memory ?? 0) * 1024,
    CgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? '2' : '1',
  };
}

function readWord(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
