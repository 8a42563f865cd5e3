import { MkimageError } from '../errors.ts';
import { setupScript, startChild } from './child.ts';
import { CAPABILITIES } from './confinement.ts';
import { NEW_ROOT, quoted } from './fstab.ts';
import type { Probe, ProcessSpec, RunningProcess, Sandbox, SandboxSpec } from './index.ts';
import { refuseKernelPaths } from './kernel-paths.ts';
import { type Mount, MountPlan } from './mount-plan.ts';
import { OverlayNames } from './overlay-options.ts';
import { probeBy } from './probe.ts';
import { findProgram, programPath } from './programs.ts';
import { rootMount } from './root-mount.ts';
import { mountSteps } from './staged-mounts.ts';
import { planKernelFiles, planMasks, planNetworkFiles } from './system-mounts.ts';
import { planUserMounts } from './user-mounts.ts';

/**
 * Isolation by the host's util-linux alone: no runtime, no daemon, no seccomp. All mounts are made by one `mount -a` in a
 * mount namespace of the step's own, the root on top of `/` itself: `/..` leads into it, and no way leads out, as after
 * pivot_root(2). The host's programs run outside the root until the very last exec, so the root need hold nothing but
 * the step's program.
 */
export function namespacesSandbox(): Sandbox {
  return { name: 'namespaces', probe, start };
}

const PROGRAMS = ['unshare', 'mount', 'setpriv', 'env', 'sh'] as const;

async function probe(scratch: string): Promise<Probe> {
  if (process.getuid?.() !== 0) return { usable: false, detail: 'it needs root' };
  const missing = PROGRAMS.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return { usable: false, detail: `it needs ${missing.join(', ')}` };
  return probeBy(start, scratch, 'util-linux, without seccomp');
}

async function start(spec: SandboxSpec, signal: AbortSignal): Promise<RunningProcess> {
  const plan = new MountPlan(spec.rootfs);
  const afterwards = () => plan.clean();
  try {
    const command = commandFor(plan, spec);
    const namespaces = namespacesFor(spec.process);
    const { scratch: cwd, stdin, process: owner } = spec;
    return startChild({ namespaces, command, cwd, stdin, owner, afterwards, mountPoints: plan.made }, signal);
  } catch (error) {
    afterwards();
    throw error;
  }
}

function namespacesFor({ network }: ProcessSpec): readonly string[] {
  return ['--mount', '--propagation=private', '--uts', '--ipc', '--pid', ...(network === 'none' ? ['--net'] : [])];
}

function commandFor(plan: MountPlan, spec: SandboxSpec): readonly string[] {
  return ['sh', '-c', scriptFor(mountsFor(plan, spec), plan, spec), 'sh', ...programFor(spec.process, plan)];
}

function mountsFor(plan: MountPlan, spec: SandboxSpec): readonly Mount[] {
  const names = new OverlayNames(spec.scratch);
  const kernel = planKernelFiles(plan, spec);
  if (spec.process.security === 'sandbox') planMasks(plan, kernel);
  planNetworkFiles(plan, spec);
  planUserMounts(plan, spec, names);
  refuseKernelPaths(plan, spec.process);
  plan.makeDirectory(spec.process.cwd, spec.process);
  return [rootMount(spec, names), ...plan.mounts];
}

/** Runs as the init of the step's own namespaces, still outside its root. */
function scriptFor(mounts: readonly Mount[], plan: MountPlan, { process, scratch }: SandboxSpec): string {
  const mounting = mountSteps({
    mounts,
    crossed: plan.crossed,
    root: NEW_ROOT,
    scratch,
    name: 'fstab',
    finally: makeWorkingDirectory(plan, process),
  });
  const steps = [
    ...(process.network === 'none' ? LOOPBACK_UP : []),
    ...mounting,
    `echo ${quoted(process.hostname)} >/proc/sys/kernel/hostname`,
    'umask 022',
  ];
  return setupScript(steps, 'env -i -- "$@"');
}

/** One that is missing inside a mount; a runtime makes it by itself. */
function makeWorkingDirectory(plan: MountPlan, { cwd, uid, gid }: ProcessSpec): readonly string[] {
  const place = plan.resolve(cwd);
  if (place.kind !== 'missing') return [];
  const directory = quoted(`${NEW_ROOT}/${place.path}`);
  return [`mkdir -p ${directory} && chown -h ${uid}:${gid} ${directory}`];
}

/** Through a mount of sysfs that the step itself does not see (the first of a namespace, so writable); no `ip` is needed. */
const LOOPBACK_UP = ['mkdir net', 'mount -n -t sysfs sysfs net', 'echo 1 >net/class/net/lo/flags'] as const;

/** Everything that `env` is given: the step's environment, limits, privileges, root, directory and user, then its program. */
function programFor(step: ProcessSpec, plan: MountPlan): readonly string[] {
  const assignments = step.env.filter((assignment) => /^[^=]+=/.test(assignment));
  const ours = assignments.filter((assignment) => !LOADER_VARIABLE.test(assignment));
  const loaders = assignments.filter((assignment) => LOADER_VARIABLE.test(assignment));
  return [
    ...ours,
    ...limitsFor(step),
    ...[programPath('setpriv'), '--inh-caps=-all', ...boundingSet(step), `--regid=${step.gid}`, groupsOption(step)],
    ...[programPath('unshare'), `--root=${NEW_ROOT}`, `--wd=${step.cwd}`, `--setuid=${step.uid}`, '--'],
    ...(loaders.length === 0 ? [] : [envOf(plan), ...loaders]),
    ...step.args,
  ];
}

function limitsFor({ ulimits }: ProcessSpec): readonly string[] {
  if (ulimits.length === 0) return [];
  const value = (limit: number) => (limit < 0 ? 'unlimited' : limit);
  return [
    programPath('prlimit'),
    ...ulimits.map(({ name, soft, hard }) => `--${name}=${value(soft)}:${value(hard)}`),
    '--',
  ];
}

function boundingSet({ security }: ProcessSpec): readonly string[] {
  if (security === 'insecure') return [];
  return [`--bounding-set=-all,${CAPABILITIES.map((name) => `+${name.toLowerCase()}`).join()}`];
}

function groupsOption({ additionalGids }: ProcessSpec): string {
  return additionalGids.length === 0 ? '--clear-groups' : `--groups=${additionalGids.join()}`;
}

/**
 * Variables that change how any program is loaded (ld.so(8)). The host's programs must not see an image's, so they are set
 * by the `env` of the image.
 */
const LOADER_VARIABLE = /^(LD_|GLIBC_TUNABLES=|GCONV_PATH=|LOCPATH=|NLSPATH=|MALLOC_)/;

function envOf(plan: MountPlan): string {
  const found = ['/usr/bin/env', '/bin/env'].find((path) => plan.resolve(path).kind === 'file');
  if (found !== undefined) return found;
  throw new MkimageError(
    'unsupported',
    'start step: its environment sets LD_ variables, and the image has no `env` program',
    {
      hint: 'use --isolation=runc or --isolation=crun',
    },
  );
}
