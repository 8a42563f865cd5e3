import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, thisProcessId, thisProcessor } from '../host/index.ts';
import { refuseImpossibleArguments, refuseMissingIds } from './arguments.ts';
import { ownCapabilities } from './capabilities.ts';
import { startChild } from './child.ts';
import { NODES } from './confinement.ts';
import { type DeviceFilter, groupFor } from './devices/filter.ts';
import type { Probe, ProcessSpec, RunningProcess, Sandbox, SandboxSpec } from './index.ts';
import { refuseKernelPaths } from './mounts/kernel-paths.ts';
import { type Mount, MountPlan } from './mounts/mount-plan.ts';
import { OverlayNames } from './mounts/overlay-options.ts';
import { rootMount } from './mounts/root-mount.ts';
import { planKernelFiles, planMasks, planNetworkFiles } from './mounts/system-mounts.ts';
import { planUserMounts } from './mounts/user-mounts.ts';
import { needsRoot, probeBy } from './probe.ts';
import { sandboxFilter } from './seccomp/sandbox-filter.ts';
import { CLONE } from './starter/clone-lines.ts';
import { makeNodes, readNothing } from './starter/device-lines.ts';
import { becomeProgram } from './starter/exec-lines.ts';
import { loopbackUp } from './starter/loopback-lines.ts';
import { hasStarter } from './starter/machine.ts';
import {
  makeDirectoriesBelowRoot,
  makePrivate,
  mountOn,
  mountsBelowRoot,
  OTHER,
  openRoot,
  ROOT,
} from './starter/mount-lines.ts';
import { dropPrivileges } from './starter/privilege-lines.ts';
import { processTree } from './starter/process-tree.ts';
import { enterRoot } from './starter/root-lines.ts';
import type { Line } from './starter/table.ts';

/**
 * Isolation with system calls only: no runtime, no daemon, no program of the host. The starter creates the namespaces, makes the
 * mounts of the step, removes all mounts of the host, and drops privileges like a runtime.
 */
export function namespacesSandbox(devices?: DeviceFilter): Sandbox {
  const begin: Sandbox['start'] = (spec, signal) => start(spec, signal, devices);
  return { name: 'namespaces', probe: (scratch) => probe(scratch, begin), start: begin };
}

async function probe(scratch: string, begin: Sandbox['start']): Promise<Probe> {
  if (!isRoot()) return { usable: false, detail: needsRoot() };
  const processor = thisProcessor();
  if (!hasStarter(processor)) return { usable: false, detail: `it does not know ${processor} processors` };
  return probeBy(begin, scratch, 'namespaces of the kernel, with seccomp');
}

async function start(spec: SandboxSpec, signal: AbortSignal, devices?: DeviceFilter): Promise<RunningProcess> {
  refuseMissingIds(spec.process);
  refuseImpossibleArguments(spec.process);
  const plan = new MountPlan(spec.rootfs);
  const afterwards = () => plan.clean();
  try {
    const mounts = planMounts(plan, spec);
    const lines = processTree({
      parent: thisProcessId(),
      group: groupFor(spec.process, devices),
      around: 0,
      prepare: [],
      inside: namespacesOf(spec.process),
      step: stepLines(mounts, plan, spec),
    });
    const { scratch: cwd, stdin, process: owner } = spec;
    return startChild({ lines, cwd, stdin, owner, afterwards, mountPoints: plan.made }, signal);
  } catch (error) {
    afterwards();
    throw error;
  }
}

function namespacesOf({ network }: ProcessSpec): number {
  const { newNamespace, newUts, newIpc, newPid, newNetwork } = CLONE;
  return newNamespace | newUts | newIpc | newPid | (network === 'none' ? newNetwork : 0);
}

interface PlannedMounts {
  readonly root: Mount;
  readonly below: readonly Mount[];
}

function planMounts(plan: MountPlan, spec: SandboxSpec): PlannedMounts {
  const names = new OverlayNames(spec.scratch);
  const kernel = planKernelFiles(plan, spec);
  if (spec.process.security === 'sandbox') planMasks(plan, kernel);
  planNetworkFiles(plan, spec);
  planUserMounts(plan, spec, names);
  refuseKernelPaths(plan, spec.process);
  plan.makeDirectory(spec.process.cwd, spec.process);
  for (const folder of [ROOTFS, NODES]) mkdirSync(join(spec.scratch, folder));
  return { root: rootMount(spec, names), below: plan.mounts };
}

const ROOTFS = 'rootfs';

function stepLines({ root, below }: PlannedMounts, plan: MountPlan, spec: SandboxSpec): readonly Line[] {
  const { process: step } = spec;
  return [
    // A new process group: a step that sends a signal to its own group must not reach other processes.
    { name: 'setsid', args: [], doing: 'make a session' },
    makePrivate(),
    ...(step.network === 'none' ? loopbackUp() : []),
    {
      name: 'sethostname',
      args: [step.hostname, Buffer.byteLength(step.hostname)],
      doing: `set the host name \`${step.hostname}\``,
    },
    ...makeNodes(ROOT),
    ...mountOn(ROOTFS, root),
    openRoot(ROOTFS),
    ...mountsBelowRoot(below),
    ...makeWorkingDirectory(plan, step),
    ...(spec.stdin === undefined ? readNothing(OTHER) : []),
    ...enterRoot(),
    // As root, like runtimes: if the step's user may not enter the directory, the program gets the error.
    { name: 'chdir', args: [step.cwd], doing: `enter the working directory \`${step.cwd}\`` },
    ...dropPrivileges({ process: step, own: ownCapabilities(), filter: filterFor(step) }),
    { name: 'umask', args: [0o022], doing: 'set umask' },
    ...becomeProgram(step.args, step.env),
  ];
}

/** Creates a working directory that is missing inside a mount. A runtime does this itself. */
function makeWorkingDirectory(plan: MountPlan, { cwd, uid, gid }: ProcessSpec): readonly Line[] {
  const place = plan.resolve(cwd);
  return place.kind === 'missing' ? makeDirectoriesBelowRoot(place.path, { uid, gid }) : [];
}

function filterFor({ security }: ProcessSpec): Buffer | undefined {
  return security === 'insecure' ? undefined : sandboxFilter();
}
