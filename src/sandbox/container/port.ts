/**
 * PORT. Runs the process of a container: unlike a step, it outlives the process that starts it. A small _recorder_ process (the starter of
 * steps, see `starter/`) waits for it, appends how it ended to a file, and keeps its pipes or terminal open, so that no output is lost
 * while nobody reads it. Backend: namespaces.ts.
 *
 * Atomicity: if `start` throws, no process runs and nothing is mounted. All mounts are in the container's own mount namespace.
 * Ownership: the caller makes `scratch`, the rootfs, the descriptors and the record file, and closes its copies of the descriptors.
 * Errors: `step-failed` with the exit code 126, 127 or 128 for a program that cannot be started; `sandbox`, `limit`, `unsupported` as for steps.
 */
import type { ImageProcess } from '../../process/index.ts';
import type { Rootfs } from '../../snapshot/index.ts';
import type { DeviceRule } from '../devices/rules.ts';
import type { SandboxMount } from '../mount.ts';

/** Where a namespace comes from. */
export type NamespaceSource = 'new' | 'host' | { readonly join: number };

export interface ContainerNamespaces {
  readonly network: NamespaceSource;
  readonly pid: NamespaceSource;
  readonly ipc: NamespaceSource;
  readonly uts: NamespaceSource;
}

export interface ContainerPrivileges {
  /** Names without `CAP_`; `all`: those of mkimage. */
  readonly capabilities: readonly string[] | 'all';
  /** `default`: Docker's profile; otherwise the text of a profile in Docker's format, or no filter. */
  readonly seccomp: 'default' | 'unconfined' | { readonly profile: string };
  readonly noNewPrivileges: boolean;
  /** `--privileged`: nothing is masked, and all devices of the host are visible. */
  readonly isPrivileged: boolean;
}

/** The descriptors of a container's process in this process. */
export type ContainerStreams =
  /** `hold` are read ends (of the outputs, first) and the write end of the input that the recorder keeps open. */
  | {
      readonly kind: 'pipes';
      readonly stdin: number | undefined;
      readonly stdout: number;
      readonly stderr: number;
      readonly hold: readonly number[];
      /** How many of the first descriptors in `hold` are outputs, which must be read to their end. */
      readonly outputs: number;
    }
  /** `path` is the path of the terminal on the host. */
  | { readonly kind: 'terminal'; readonly master: number; readonly slave: number; readonly path: string };

/** A device of the host that is visible in the container. */
export interface ContainerDevice {
  readonly source: string;
  readonly target: string;
}

export interface ContainerSpec {
  readonly id: string;
  /** An empty directory, on the same filesystem as the rootfs. */
  readonly scratch: string;
  readonly rootfs: Rootfs;
  readonly isReadonly: boolean;
  readonly process: ImageProcess;
  readonly hostname: string;
  readonly mounts: readonly SandboxMount[];
  readonly devices: readonly ContainerDevice[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly privileges: ContainerPrivileges;
  readonly namespaces: ContainerNamespaces;
  readonly streams: ContainerStreams;
  /** An open file; the recorder appends how the process ended. */
  readonly record: number;
  /** Runs when the process and its namespaces exist, before the program starts: control groups, network. */
  readonly prepare: (pid: number) => Promise<void>;
}

/** Another process in a running container. */
export interface JoinSpec {
  /** The first process of the container. */
  readonly pid: number;
  readonly scratch: string;
  readonly process: ImageProcess;
  readonly privileges: ContainerPrivileges;
  readonly streams: ContainerStreams;
  readonly record: number;
  readonly prepare: (pid: number) => Promise<void>;
}

export interface StartedContainer {
  /** The process of the program. */
  readonly pid: number;
  readonly recorder: number;
  /** Mount points that were created in the rootfs. */
  readonly mountPoints: ReadonlySet<string>;
}

/** A setting of a controller: the names of its file in both versions, and the text to write. */
export interface GroupSetting {
  readonly controller: 'devices' | 'freezer' | 'memory' | 'cpu' | 'cpuacct' | 'cpuset' | 'pids' | 'blkio';
  /** What the user asked for, for a warning. */
  readonly asked: string;
  readonly v1?: readonly [file: string, text: string];
  readonly v2?: readonly [file: string, text: string];
}

/** The control groups of one container. */
export interface ContainerGroups {
  /** Lets the kernel refuse all devices without a rule. Returns false if this system cannot. */
  filterDevices(more: readonly DeviceRule[]): boolean;
  /** Writes a setting. Returns the reason if it has no effect. */
  set(setting: GroupSetting): string | undefined;
  /** Moves a process of one thread, and its future children, into the groups. */
  enter(pid: number): void;
  /** Stops or continues all processes. Returns false if this system cannot. */
  freeze(isFrozen: boolean): boolean;
  /** The text of a file of a controller in version 1, or of version 2; undefined if there is none. */
  read(controller: GroupSetting['controller'], v1: string, v2: string): string | undefined;
  /** All processes, by their pids on the host. */
  pids(): readonly number[];
  /** Returns true if the kernel has killed a process because memory was used up. */
  wasOutOfMemory(): boolean;
  remove(): void;
}

export interface ContainerSandbox {
  /** Docker's default capabilities, without `CAP_`. */
  readonly defaultCapabilities: readonly string[];
  isCapability(name: string): boolean;
  /** Creates the control groups of a container, as far as this system permits. */
  createGroups(id: string): ContainerGroups;
  /** Finds the control groups of a container that was started before. */
  groupsOf(id: string): ContainerGroups;
  /** Reads how a recorded process ended. Returns undefined if it has not ended, or was killed together with its recorder. */
  readEnd(record: Buffer): RecordedEnd | undefined;
  start(spec: ContainerSpec): Promise<StartedContainer>;
  /** Mounts the root with everything in it and runs no program. It is there until the input of the process is at its end. */
  hold(spec: ContainerSpec): Promise<StartedContainer>;
  join(spec: JoinSpec): Promise<StartedContainer>;
}

/** How a recorded process ended; undefined if the record has no end yet. */
export interface RecordedEnd {
  readonly code: number;
}
