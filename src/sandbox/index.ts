/**
 * PORT. Runs one process in its own namespaces on a root filesystem. All mounts are made in the step's own mount namespace, and the
 * kernel removes them with it. Backends: oci-runtime.ts (runc, crun), namespaces.ts (system calls). `select.ts` selects a backend, and
 * never a weaker one than requested.
 */
import type { Readable } from 'node:stream';
import type { ImageProcess } from '../process/index.ts';
import type { Rootfs } from '../snapshot/index.ts';

/** A process of an image with its isolation settings. CDI devices are refused earlier, so they are not part of it. */
export interface ProcessSpec extends ImageProcess {
  readonly hostname: string;
  /** `insecure` is `RUN --security=insecure`: all capabilities the caller has, no masks. */
  readonly security: 'sandbox' | 'insecure';
  readonly network: 'host' | 'none';
}

export type SandboxMount =
  /** A file or directory of the host. The path is resolved already, and never comes from an image. */
  | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly readonly: boolean }
  /** A path inside a stack of directories, topmost first. Writes go to `upper` (which the caller removes), or are refused. */
  | {
      readonly kind: 'tree';
      readonly lowers: readonly string[];
      readonly subpath: string;
      readonly target: string;
      readonly writable: { readonly upper: string; readonly work: string } | undefined;
    }
  | { readonly kind: 'tmpfs'; readonly target: string; readonly size: number | undefined; readonly mode: number };

export interface SandboxSpec {
  /** Unique among running steps; a valid container id. */
  readonly id: string;
  /** An empty directory of this step, on the same filesystem as the rootfs, for bundles and scripts. */
  readonly scratch: string;
  readonly rootfs: Rootfs;
  readonly process: ProcessSpec;
  /** In the order in which they are mounted. */
  readonly mounts: readonly SandboxMount[];
  /** Text of /etc/hosts and /etc/resolv.conf, bound read-only; undefined leaves the image's own. */
  readonly hosts: string | undefined;
  readonly resolvConf: string | undefined;
  /** Standard input of the process; default /dev/null. */
  readonly stdin?: Readable | undefined;
}

export interface ExitStatus {
  /** Exit code, or 128 + signal. */
  readonly code: number;
  /** Set only if the whole step was killed (`kill`, an abort). If a signal ended only the program, `code` contains it. */
  readonly signal: NodeJS.Signals | undefined;
}

export interface RunningProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process and all its children have ended. Rejects with `sandbox` if the process could not be started. */
  readonly exited: Promise<ExitStatus>;
  /** Ends the process and its children at once. Idempotent. */
  kill(): void;
  /** Mount points that were created in the rootfs (tree paths). The diff must ignore them. */
  readonly mountPoints: ReadonlySet<string>;
}

export interface Probe {
  readonly usable: boolean;
  /** The reason why it does not work, or a description: `runc 1.1.5`. */
  readonly detail: string;
}

export interface Sandbox {
  readonly name: string;
  /** Runs a real step in the given empty directory. */
  probe(scratch: string): Promise<Probe>;
  start(spec: SandboxSpec, signal: AbortSignal): Promise<RunningProcess>;
}
