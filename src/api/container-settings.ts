/** What a container is made of. Members with capitals have Docker's names, and the same meaning. */
import type { ContainerConfig } from '../oci/index.ts';

/** What an image may set too, and what only a container has. */
export interface ContainerSettings extends ContainerConfig {
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  /** The image as the user wrote it. */
  readonly Image?: string;
  readonly StopTimeout?: number;
}

export interface RestartPolicy {
  readonly Name: '' | 'no' | 'always' | 'unless-stopped' | 'on-failure';
  readonly MaximumRetryCount: number;
}

export interface PortBinding {
  readonly HostIp: string;
  /** `''` or `0`: a free port; `8000-8010`: a free one of these. */
  readonly HostPort: string;
}

export type PortMap = Readonly<Record<string, readonly PortBinding[] | null>>;

export interface MountRequest {
  readonly Type: 'bind' | 'volume' | 'tmpfs';
  readonly Source?: string;
  readonly Target: string;
  readonly ReadOnly?: boolean;
  readonly VolumeOptions?: {
    readonly NoCopy?: boolean;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly Subpath?: string;
  };
  readonly BindOptions?: { readonly CreateMountpoint?: boolean; readonly Propagation?: string };
  readonly TmpfsOptions?: { readonly SizeBytes?: number; readonly Mode?: number };
}

export interface DeviceRequest {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** How much of the machine a container may use. */
export interface ContainerResources {
  readonly Memory?: number;
  readonly MemoryReservation?: number;
  readonly MemorySwap?: number;
  readonly NanoCpus?: number;
  readonly CpuShares?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpusetCpus?: string;
  readonly CpusetMems?: string;
  readonly BlkioWeight?: number;
  readonly PidsLimit?: number | null;
  readonly OomKillDisable?: boolean;
}

/** How a container is run on this machine. */
export interface HostSettings extends ContainerResources {
  readonly Binds?: readonly string[] | null;
  readonly Mounts?: readonly MountRequest[];
  readonly Tmpfs?: Readonly<Record<string, string>>;
  readonly VolumesFrom?: readonly string[] | null;
  readonly ContainerIDFile?: string;
  readonly LogConfig?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  readonly NetworkMode?: string;
  readonly PortBindings?: PortMap;
  readonly PublishAllPorts?: boolean;
  readonly RestartPolicy?: RestartPolicy;
  readonly AutoRemove?: boolean;
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
  readonly SecurityOpt?: readonly string[] | null;
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly Dns?: readonly string[] | null;
  readonly DnsSearch?: readonly string[] | null;
  readonly DnsOptions?: readonly string[] | null;
  readonly ExtraHosts?: readonly string[] | null;
  readonly GroupAdd?: readonly string[] | null;
  readonly IpcMode?: string;
  readonly PidMode?: string;
  readonly UTSMode?: string;
  readonly UsernsMode?: string;
  readonly CgroupnsMode?: string;
  readonly ShmSize?: number;
  readonly Ulimits?: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[] | null;
  readonly Devices?: readonly DeviceRequest[] | null;
  readonly Sysctls?: Readonly<Record<string, string>>;
  readonly Init?: boolean | null;
  readonly OomScoreAdj?: number;
  readonly Links?: readonly string[] | null;
  readonly Runtime?: string;
}

/** A container's place in one network. */
export interface EndpointSettings {
  readonly Aliases?: readonly string[] | null;
  readonly IPAMConfig?: { readonly IPv4Address?: string } | null;
}
