/**
 * PORT. Runs one process in its own namespaces on a root filesystem. Everything mounted is mounted in the step's own mount
 * namespace and goes with it. Backends: oci-runtime.ts (runc, crun), namespaces.ts (system calls). `select.ts` chooses one and
 * never a weaker one than was asked for.
 */
import type { Readable } from 'node:stream';
import type { ImageProcess } from '../process/index.ts';
import type { Rootfs } from '../snapshot/index.ts';

/** A process of an image with what is around it. CDI-free: devices are refused before a sandbox is reached. */
export interface ProcessSpec extends ImageProcess {
  readonly hostname: string;
  /** `insecure` is `RUN --security=insecure`: all capabilities the caller has, no masks. */
  readonly security: 'sandbox' | 'insecure';
  readonly network: 'host' | 'none';
}

export type SandboxMount =
  /** A file or directory of the host. Resolved already; never a path from an image. */
  | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly readonly: boolean }
  /** A path inside directories stacked topmost first; writes go to `upper` (thrown away by the caller) or are refused. */
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
  /** What the process reads; without it, /dev/null. */
  readonly stdin?: Readable | undefined;
}

export interface ExitStatus {
  /** Exit code, or 128 + signal. */
  readonly code: number;
  /** Set only where the whole step was ended by it (`kill`, an abort); a program that a signal ended is just its code. */
  readonly signal: NodeJS.Signals | undefined;
}

export interface RunningProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the process and all its children are gone. Rejects with `sandbox` if it could not be started at all. */
  readonly exited: Promise<ExitStatus>;
  /** Ends the process and its children at once. Idempotent. */
  kill(): void;
  /** Mount points that had to be made in the rootfs (tree paths): to be left out of the diff. */
  readonly mountPoints: ReadonlySet<string>;
}

export interface Probe {
  readonly usable: boolean;
  /** Why not, or what it is: `runc 1.1.5`. */
  readonly detail: string;
}

export interface Sandbox {
  readonly name: string;
  /** Really runs one, in an empty directory that is given to it. */
  probe(scratch: string): Promise<Probe>;
  start(spec: SandboxSpec, signal: AbortSignal): Promise<RunningProcess>;
}
