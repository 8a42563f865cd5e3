import type { Change } from '../layer/index.ts';
import type { Call } from '../progress.ts';
import type { ContainerSandbox } from '../sandbox/index.ts';
import type { Rootfs } from '../snapshot/index.ts';
import type { ContainerFolder, ContainerRecord, ContainerState } from './record.ts';

/** What containers need from their surroundings. */
export interface ContainerHome {
  /** `<root>/containers-v1`. */
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sandbox: ContainerSandbox;
  /** The root filesystem of a container; its writable part is in its folder. */
  readonly rootfs: (record: ContainerRecord, folder: ContainerFolder, call: Call) => Promise<Rootfs>;
  /** What is written over the image. Nothing may write meanwhile. */
  readonly changes: (rootfs: Rootfs, exclude: ReadonlySet<string>) => Promise<Iterable<Change>>;
  /** A program that monitors containers, and its arguments; undefined: this process does it itself. */
  readonly supervisor: readonly string[] | undefined;
  readonly network?: NetworkAccess;
  readonly volumes?: VolumeAccess;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Connects containers to networks. */
export interface NetworkAccess {
  connect(record: ContainerRecord, pid: number): Promise<Pick<ContainerState, 'endpoints' | 'ports'>>;
  disconnect(record: ContainerRecord, state: ContainerState): Promise<void>;
}

/** Volumes of containers. */
export interface VolumeAccess {
  removeAnonymous(record: ContainerRecord): Promise<void>;
}

/** RFC 3339 with nanoseconds. */
export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/(\.\d{3})Z$/, '$1000000Z');
}
