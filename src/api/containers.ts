/** Requests and results for containers. Members with capitals have Docker's names, and the same meaning. */
import type { Digest, WantedPlatform } from '../oci/index.ts';
import type { ContainerStatus, EndpointDetails, MountPoint } from './container-details.ts';
import type { ContainerSettings, EndpointSettings, HostSettings } from './container-settings.ts';

export interface CreateContainerRequest {
  /** undefined: a name is generated. */
  readonly name?: string | undefined;
  readonly platform?: WantedPlatform | undefined;
  readonly config: ContainerSettings;
  readonly host: HostSettings;
  readonly networks?: Readonly<Record<string, EndpointSettings>>;
  /** `missing` (default), `always` or `never`. */
  readonly pull?: 'missing' | 'always' | 'never' | undefined;
}

export interface CreateContainerResult {
  readonly id: string;
  readonly warnings: readonly string[];
}

export interface ContainerRequest {
  /** A name, an ID or the start of an ID. */
  readonly container: string;
}

/** Filters of a list by key; a container must match one value of each key. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export interface ListContainersRequest {
  /** Stopped containers too. */
  readonly all: boolean;
  /** Only the newest; implies `all`. */
  readonly limit?: number | undefined;
  readonly filters: Filters;
  readonly size: boolean;
}

export interface PublishedPort {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: 'tcp' | 'udp';
}

/** A line of `ps`, as the Engine API gives it. */
export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: Digest;
  readonly Command: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly Ports: readonly PublishedPort[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: ContainerStatus;
  readonly Status: string;
  readonly HostConfig: { readonly NetworkMode: string };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, EndpointDetails>> };
  readonly Mounts: readonly MountPoint[];
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
}

export interface LogsRequest extends ContainerRequest {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly tail?: number | undefined;
}

export interface StopRequest extends ContainerRequest {
  /** Seconds; undefined: that of the container, or 10; negative: no limit. */
  readonly timeout?: number | undefined;
  /** Name or number; undefined: that of the container, or SIGTERM. */
  readonly signal?: string | undefined;
}

export interface KillRequest extends ContainerRequest {
  readonly signal?: string | undefined;
}

export interface RemoveContainerRequest extends ContainerRequest {
  readonly force: boolean;
  /** Anonymous volumes too. */
  readonly volumes: boolean;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface WaitRequest extends ContainerRequest {
  readonly condition?: WaitCondition;
}

export interface WaitResult {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string };
}

export interface PruneContainersRequest {
  readonly filters: Filters;
}

export interface PruneContainersResult {
  readonly ContainersDeleted: readonly string[];
  readonly SpaceReclaimed: number;
}

/** One line of `events`, as the Engine API gives it. */
export interface ContainerEvent {
  readonly status: string;
  readonly id: string;
  readonly from: string;
  readonly Type: 'container' | 'image' | 'network' | 'volume';
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: 'local';
  /** Seconds since 1970. */
  readonly time: number;
  readonly timeNano: number;
}

export interface EventsRequest {
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly filters: Filters;
}

export interface RenameContainerRequest extends ContainerRequest {
  readonly name: string;
}
