import { existsSync, mkdirSync, readdirSync, rmdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../errors.ts';
import { findHostProgram, isInUserNamespace, isRoot, thisProcessId, thisProcessor } from '../host/index.ts';
import { refuseImpossibleArguments, refuseMissingIds } from './arguments.ts';
import { startChild } from './child.ts';
import { isInChroot } from './chroot.ts';
import { DEVICES, NODES } from './confinement.ts';
import { type DeviceFilter, groupFor } from './devices/filter.ts';
import { replaceComplaint } from './exec-complaint.ts';
import type { Probe, RunningProcess, Sandbox, SandboxSpec } from './index.ts';
import { refuseKernelPaths } from './mounts/kernel-paths.ts';
import { type Mount, MountPlan } from './mounts/mount-plan.ts';
import { OverlayNames } from './mounts/overlay-options.ts';
import { rootMount } from './mounts/root-mount.ts';
import { planKernelFiles, planNetworkFiles } from './mounts/system-mounts.ts';
import { planUserMounts } from './mounts/user-mounts.ts';
import { needsRoot, probeBy } from './probe.ts';
import { HOST_ENVIRONMENT, programPath } from './programs.ts';
import { runtimeConfig } from './runtime-config.ts';
import { verdictOf } from './runtime-log.ts';
import { CLONE } from './starter/clone-lines.ts';
import { makeNodes, readEmptyPipe, readNothing } from './starter/device-lines.ts';
import { becomeProgram } from './starter/exec-lines.ts';
import { writeFileLines } from './starter/file-lines.ts';
import { hasStarter } from './starter/machine.ts';
import { makePrivate, mountOn, mountsBelowRoot, openRoot, ROOT } from './starter/mount-lines.ts';
import { processTree } from './starter/process-tree.ts';
import { leaveChroot } from './starter/root-lines.ts';
import type { Line } from './starter/table.ts';

export type RuntimeName = 'runc' | 'crun';

/**
 * Isolation with an OCI runtime of the host. Most mounts are made before the runtime starts, in a mount namespace that ends with the
 * step; only /proc, /sys and message queues need the container's own namespaces. So no mount is left behind, and the runtime resolves
 * no path that a step could manipulate.
 */
export function ociRuntimeSandbox(name: RuntimeName, devices?: DeviceFilter): Sandbox {
  const runtime = { name, devices };
  return { name, probe: (scratch) => probe(runtime, scratch), start: (spec, signal) => start(runtime, spec, signal) };
}

interface Runtime {
  readonly name: RuntimeName;
  readonly devices: DeviceFilter | undefined;
}

async function probe(runtime: Runtime, scratch: string): Promise<Probe> {
  const { name } = runtime;
  if (!isRoot()) return { usable: false, detail: needsRoot() };
  if (name === 'runc' && isInUserNamespace()) return { usable: false, detail: 'it needs control groups of root' };
  const program = findHostProgram(name);
  if (program === undefined) return { usable: false, detail: 'it is not installed' };
  if (!hasStarter(thisProcessor())) return { usable: false, detail: `mkimage cannot start it on ${thisProcessor()}` };
  return probeBy((spec, signal) => start(runtime, spec, signal), scratch, program);
}

/** runc creates a control group for each step and filters devices there. crun is started in the group of the device filter. */
async function start({ name, devices }: Runtime, spec: SandboxSpec, signal: AbortSignal): Promise<RunningProcess> {
  refuseMissingIds(spec.process);
  refuseImpossibleArguments(spec.process);
  const plan = new MountPlan(spec.rootfs);
  const afterwards = () => {
    plan.clean();
    removeCgroups(spec.id);
  };
  try {
    const { scratch: cwd, stdin, process: owner } = spec;
    const lines = processTree({
      parent: thisProcessId(),
      group: name === 'crun' ? groupFor(spec.process, devices) : undefined,
      around: CLONE.newNamespace,
      prepare: prepareLines(name, plan, spec),
      inside: 0,
      step: [...(stdin === undefined ? noInput(name) : []), ...becomeRuntime(name, spec)],
    });
    const verdict = (code: number) => verdictOf(join(cwd, LOG), code);
    const child = { lines, cwd, stdin, owner, afterwards, verdict, mountPoints: plan.made };
    return replaceComplaint(startChild(child, signal), spec.process);
  } catch (error) {
    afterwards();
    throw error;
  }
}

const LOG = 'runtime.log';
const ROOTFS = 'rootfs';
/** In memory and in the step's mount namespace only, so that no secret of an environment is written to the disk. */
const BUNDLE = 'bundle';
const OUTER = 'outer';
const DEVICE_TREE = 'devices';

/** Lines for all mounts outside of the runtime, and for its configuration. */
function prepareLines(name: RuntimeName, plan: MountPlan, spec: SandboxSpec): readonly Line[] {
  const names = new OverlayNames(spec.scratch);
  planKernelFiles(plan, spec);
  requirePlainKernelPaths(plan.mounts);
  planNetworkFiles(plan, spec);
  planUserMounts(plan, spec, names);
  refuseKernelPaths(plan, spec.process);
  plan.makeDirectory(spec.process.cwd, spec.process);
  for (const folder of [ROOTFS, NODES, BUNDLE, OUTER, DEVICE_TREE]) mkdirSync(join(spec.scratch, folder));
  const isRuntimes = (mount: Mount) =>
    RUNTIME_MOUNTS.has(mount.type) || isBelow(mount, 'proc') || isBelow(mount, 'sys');
  const options = ['nosuid', 'nodev', 'noexec', 'mode=0700'];
  return [
    makePrivate(),
    ...(isInChroot() ? leaveChroot(OUTER, spec.scratch) : []),
    ...mountOn('/proc', { type: 'proc', source: 'proc', options: ['nosuid', 'nodev', 'noexec'] }), // the runtime reads its processes there
    ...cgroupLines(name),
    ...makeNodes(ROOT),
    ...bindNodes(),
    ...mountOn(ROOTFS, rootMount(spec, names)),
    ...mountTree(
      ROOTFS,
      plan.mounts.filter((mount) => !isRuntimes(mount) && !isDevice(mount)),
    ),
    ...mountDevices(plan.mounts.filter((mount) => !isRuntimes(mount) && isDevice(mount))),
    ...mountOn(BUNDLE, { type: 'tmpfs', source: 'tmpfs', options }),
    ...writeFileLines(`${BUNDLE}/config.json`, configFor(name, spec, plan.mounts.filter(isRuntimes)), ROOT),
  ];
}

/** The runtime must make these mounts, because they show the namespaces that it creates. */
const RUNTIME_MOUNTS: ReadonlySet<string> = new Set(['proc', 'sysfs', 'mqueue']);

function isDevice(mount: Mount): boolean {
  return mount.target === 'dev' || isBelow(mount, 'dev');
}

function mountTree(path: string, mounts: readonly Mount[]): readonly Line[] {
  return [openRoot(path), ...mountsBelowRoot(mounts), { name: 'close', args: [ROOT], doing: 'close the root' }];
}

/** Runtimes do not change a /dev that is a bind mount. So it is created at another path and bound with all its content. */
function mountDevices([dev, ...below]: readonly Mount[]): readonly Line[] {
  const inside = below.map((mount) => ({ ...mount, target: mount.target.slice('dev/'.length) }));
  return dev === undefined ? [] : [...mountOn(DEVICE_TREE, dev), ...mountTree(DEVICE_TREE, inside)];
}

function isBelow({ target }: Mount, top: string): boolean {
  return target.startsWith(`${top}/`);
}

/** Replaces the host's devices with the step's own, because the runtime uses them, for example /dev/null to mask files. */
function bindNodes(): readonly Line[] {
  const options = ['bind', 'nosuid', 'noexec'];
  return Object.keys(DEVICES).flatMap((node) =>
    mountOn(`/dev/${node}`, { type: 'bind', source: `${NODES}/${node}`, options }),
  );
}

function configFor(name: RuntimeName, { scratch, id, process: step }: SandboxSpec, mounts: readonly Mount[]): string {
  const root = join(scratch, ROOTFS);
  const flags = ['rbind', 'nosuid', 'noexec', ...(step.security === 'insecure' ? [] : ['nodev'])];
  const dev: Mount = { type: 'bind', source: join(scratch, DEVICE_TREE), target: 'dev', options: flags };
  const hooks = name === 'crun' && step.security === 'sandbox' ? keepNodev(root) : undefined;
  return runtimeConfig({
    root,
    process: step,
    mounts: [dev, ...mounts.map((mount) => systemMount(mount, step))],
    cgroupsPath: `${CGROUP}/${id}`,
    hooks,
  });
}

/** A user namespace may not mount sysfs for the network of the host. The runtime would bind it, but not read-only. */
function systemMount(mount: Mount, { network }: Pick<SandboxSpec['process'], 'network'>): Mount {
  if (mount.type !== 'sysfs' || network === 'none' || !isInUserNamespace()) return mount;
  return { ...mount, type: 'bind', source: '/sys', options: ['rbind', 'rro', 'nosuid', 'nodev', 'noexec'] };
}

/** crun drops the flags of the root's mount, so a device node made by the step could be opened. This sets `nodev` again. */
function keepNodev(root: string): unknown {
  return { createContainer: [{ path: programPath('sh'), args: ['sh', '-c', REMOUNT, root], env: ENVIRONMENT }] };
}

/** A hook gets the state of the container on standard input, and crun fails if the hook does not read it. */
const REMOUNT = 'while read -r line; do :; done; exec mount -n -o remount,bind,nodev "$0"';

const ENVIRONMENT: readonly string[] = Object.entries(HOST_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);

function noInput(name: RuntimeName): readonly Line[] {
  return name === 'crun' ? readEmptyPipe(ROOT) : readNothing(ROOT);
}

function becomeRuntime(name: RuntimeName, { scratch, id }: SandboxSpec): readonly Line[] {
  const bundle = join(scratch, BUNDLE);
  const log = join(scratch, LOG);
  const options = [
    '--root',
    join(bundle, 'state'),
    '--log',
    name === 'crun' ? `file:${log}` : log,
    '--log-format',
    'json',
  ];
  const cgroups = name === 'crun' ? ['--cgroup-manager=disabled'] : [];
  return becomeProgram([programPath(name), ...options, ...cgroups, 'run', '--bundle', bundle, id], ENVIRONMENT);
}

/** A runtime uses these paths without resolving them, so symlinks of the image must not redirect them. */
function requirePlainKernelPaths(mounts: readonly Mount[]): void {
  for (const path of ['proc', 'dev', 'sys']) {
    if (mounts.some(({ target }) => target === path)) continue;
    throw new MkimageError('sandbox', `start step: \`/${path}\` of the image leads elsewhere`);
  }
}

const CGROUP2_MAGIC = 0x63677270;
const HYBRID = '/sys/fs/cgroup/unified';

/** crun requires unified cgroups even if it must not create any. A hybrid host has them one level below. */
function cgroupLines(name: RuntimeName): readonly Line[] {
  if (name !== 'crun' || statfsSync('/sys/fs/cgroup').type === CGROUP2_MAGIC || !existsSync(HYBRID)) return [];
  return mountOn('/sys/fs/cgroup', { type: 'bind', source: HYBRID, options: ['bind'] });
}

const CGROUP = '/mkimage';

/**
 * Removes the empty cgroups of a killed runtime: one directory, or one in each hierarchy of version 1. Also removes those of steps
 * whose mkimage process has ended.
 */
function removeCgroups(id: string): void {
  for (const hierarchy of ['', ...readdirSync('/sys/fs/cgroup')]) {
    const folder = join('/sys/fs/cgroup', hierarchy, CGROUP);
    for (const name of [id, ...abandonedIn(folder)]) {
      try {
        rmdirSync(join(folder, name));
      } catch {} // not created, removed already, or permission denied
    }
  }
}

/** Finds cgroups whose owner, which is part of the name, has ended. */
function abandonedIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => {
    const pid = /^mkimage-(?:test-|probe-)?(\d+)/.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
}
