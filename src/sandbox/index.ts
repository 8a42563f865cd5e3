/**
 * PORT. Runs one process of a step in its own namespaces on a root filesystem. Backends: oci-runtime.ts (runc, crun),
 * namespaces.ts (system calls). `select.ts` selects a backend, and never a weaker one than requested.
 *
 * A sandbox keeps nothing between two steps. Several steps may run at the same time on different roots. One step:
 *
 *     const running = await sandbox.start({ id, scratch, rootfs, process, mounts, hosts, resolvConf }, signal);
 *     running.stdout.pipe(log);                          // read both outputs: the step waits for its reader
 *     running.stderr.pipe(log);
 *     const { code } = await running.exited;             // all processes have ended, nothing is mounted
 *     snapshot.changes({ exclude: running.mountPoints }) // what the step changed, without the stubs of its mounts
 *
 * Atomicity: if `start` throws, no process runs and nothing is mounted. All mounts are made in the step's own mount namespace, and
 * the kernel removes them with its last process, also when mkimage is killed. Every mount target is resolved inside the root.
 * Idempotence: `kill` may be called at any time and any number of times. An aborted signal is a `kill`, also one that was aborted
 * before; `exited` then reports `signal`. Ownership: the caller makes `rootfs`, `scratch` and the sources of mounts, and removes
 * them after `exited` has settled. The sandbox ends the streams and removes the mount stubs that it made and that are still empty.
 *
 * Errors: a program that fails, is not found (127) or cannot be executed (126) is an exit code, not an error. `sandbox`: a root or a
 * mount cannot be entered, or the starter ended by itself. `limit`: more layers or longer arguments than the kernel accepts.
 * `unsupported`: no starter or filter for this processor.
 */
import type { Readable } from 'node:stream';
import type { ImageProcess } from '../process/index.ts';
import type { Rootfs } from '../snapshot/index.ts';
import type { SandboxMount } from './mount.ts';

export type * from './container/port.ts';
export type { DeviceRule } from './devices/rules.ts';
export type { SandboxMount } from './mount.ts';

/** A process of an image with its isolation settings. CDI devices are refused earlier, so they are not part of it. */
export interface ProcessSpec extends ImageProcess {
  readonly hostname: string;
  /** `insecure` is `RUN --security=insecure`: all capabilities the caller has, no masks. */
  readonly security: 'sandbox' | 'insecure';
  readonly network: 'host' | 'none';
}

export interface SandboxSpec {
  /** Unique among running steps; a valid container id. */
  readonly id: string;
  /** An empty directory of this step, on the same filesystem as the rootfs, for bundles and scripts. */
  readonly scratch: string;
  readonly rootfs: Rootfs;
  readonly process: ProcessSpec;
  /** In the order in which they are mounted. */
  readonly mounts: readonly SandboxMount[];
  /** Devices of the host in `/dev`, in addition to those of every step. */
  readonly devices?: readonly { readonly source: string; readonly target: string }[] | undefined;
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

/** How programs for another processor run on this machine. */
export interface Emulation {
  readonly canRun: boolean;
  /** The emulator must be in the root of a process under this path, because it was registered without flag `F`. */
  readonly interpreterInRoot?: string;
}

export interface Sandbox {
  readonly name: string;
  /** Runs a real step in the given empty directory. */
  probe(scratch: string): Promise<Probe>;
  /** Throws `sandbox`, `limit`, `unsupported`; what is found out later rejects `exited`. */
  start(spec: SandboxSpec, signal: AbortSignal): Promise<RunningProcess>;
}
