/** Requests and results for volumes. Members with capitals have Docker's names. */
import type { Filters } from './containers.ts';

/** A volume as `docker volume inspect` shows it. */
export interface VolumeDetails {
  readonly CreatedAt: string;
  readonly Driver: 'local';
  readonly Labels: Readonly<Record<string, string>>;
  readonly Mountpoint: string;
  readonly Name: string;
  readonly Options: Readonly<Record<string, string>>;
  readonly Scope: 'local';
}

export interface CreateVolumeRequest {
  /** undefined: an anonymous volume. */
  readonly name?: string | undefined;
  readonly driver?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

export interface ListVolumesRequest {
  readonly filters: Filters;
}

export interface RemoveVolumeRequest {
  readonly name: string;
  /** Do not fail if there is none. */
  readonly force: boolean;
}

export interface PruneVolumesRequest {
  /** Named volumes too. */
  readonly all: boolean;
  readonly filters: Filters;
}

export interface PruneVolumesResult {
  readonly VolumesDeleted: readonly string[];
  readonly SpaceReclaimed: number;
}
