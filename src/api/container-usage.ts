/** How much a container uses, and how much it may. Members have Docker's names, and the same meaning. */
import type { ContainerResources, RestartPolicy } from './container-settings.ts';
import type { ContainerRequest } from './containers.ts';

export interface TopRequest extends ContainerRequest {
  /** Arguments of `ps`; empty: `-ef`. */
  readonly arguments: readonly string[];
}

export interface TopResult {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

export interface UpdateContainerRequest extends ContainerRequest {
  readonly resources: ContainerResources;
  readonly restartPolicy?: RestartPolicy | undefined;
}

export interface UpdateContainerResult {
  readonly warnings: readonly string[];
}

export interface CpuStats {
  readonly cpu_usage: {
    /** Nanoseconds, as the other two. */
    readonly total_usage: number;
    readonly percpu_usage?: readonly number[];
    readonly usage_in_kernelmode: number;
    readonly usage_in_usermode: number;
  };
  /** Nanoseconds of the whole machine. */
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
  readonly throttling_data: {
    readonly periods: number;
    readonly throttled_periods: number;
    readonly throttled_time: number;
  };
}

export interface BlockEntry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

export interface MemoryStats {
  /** Bytes, as the others. */
  readonly usage?: number;
  readonly max_usage?: number;
  readonly stats?: Readonly<Record<string, number>>;
  readonly limit?: number;
}

export interface NetworkStats {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
}

/** One measurement, as `GET /containers/{id}/stats` gives it; of a container that does not run most members are empty. */
export interface ContainerStats {
  readonly id: string;
  /** With a slash before it. */
  readonly name: string;
  readonly read: string;
  readonly preread: string;
  readonly pids_stats: { readonly current?: number; readonly limit?: number };
  readonly blkio_stats: { readonly io_service_bytes_recursive: readonly BlockEntry[] | null };
  readonly num_procs: number;
  readonly storage_stats: Readonly<Record<string, never>>;
  readonly cpu_stats: CpuStats;
  /** The measurement before. */
  readonly precpu_stats: CpuStats;
  readonly memory_stats: MemoryStats;
  readonly networks?: Readonly<Record<string, NetworkStats>>;
}
