/** Another process in a running container. Members with capitals have Docker's names, and the same meaning. */
import type { ContainerRequest } from './containers.ts';

export interface ExecSettings {
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly Tty?: boolean;
  readonly DetachKeys?: string;
  /** `NAME=value`, in addition to the container's. */
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  /** All capabilities; the seccomp filter permits what belongs to them. */
  readonly Privileged?: boolean;
  /** Default: that of the container. */
  readonly User?: string;
  readonly WorkingDir?: string;
}

export interface CreateExecRequest extends ContainerRequest {
  readonly settings: ExecSettings;
}

/** As in `GET /exec/{id}/json`. */
export interface ExecDetails {
  readonly ID: string;
  readonly Running: boolean;
  /** Null until it has ended. */
  readonly ExitCode: number | null;
  readonly ProcessConfig: {
    readonly tty: boolean;
    readonly entrypoint: string;
    readonly arguments: readonly string[];
    readonly privileged: boolean;
    readonly user?: string;
  };
  readonly OpenStdin: boolean;
  readonly OpenStderr: boolean;
  readonly OpenStdout: boolean;
  readonly CanRemove: boolean;
  readonly ContainerID: string;
  readonly DetachKeys: string;
  readonly Pid: number;
}
