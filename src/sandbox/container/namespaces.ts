import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { refuseImpossibleArguments } from '../arguments.ts';
import { isCapability } from '../capabilities.ts';
import { CAPABILITIES, NODES } from '../confinement.ts';
import type { ProcessSpec, SandboxSpec } from '../index.ts';
import { refuseKernelPaths } from '../mounts/kernel-paths.ts';
import { type Mount, MountPlan } from '../mounts/mount-plan.ts';
import { OverlayNames } from '../mounts/overlay-options.ts';
import { planKernelFiles, planMasks } from '../mounts/system-mounts.ts';
import { planUserMounts } from '../mounts/user-mounts.ts';
import { CLONE } from '../starter/clone-lines.ts';
import { makeNodes, readNothing } from '../starter/device-lines.ts';
import { loopbackUp } from '../starter/loopback-lines.ts';
import {
  makeDirectoriesBelowRoot,
  makePrivate,
  mountOn,
  mountsBelowRoot,
  OTHER,
  openRoot,
  ROOT,
} from '../starter/mount-lines.ts';
import { enterRoot } from '../starter/root-lines.ts';
import type { Line } from '../starter/table.ts';
import { ControlGroups } from './control-groups.ts';
import { joinContainer } from './join.ts';
import type { ContainerSandbox, ContainerSpec, StartedContainer } from './port.ts';
import { becomeProcess, requireStarter, takeTerminal, waitForInput } from './process-lines.ts';
import { readEnd } from './read-record.ts';
import { enterNamespaces, recorderTree } from './recorder-lines.ts';
import { heldBy, spawnRecorder } from './spawn-recorder.ts';

/** Containers with system calls only: no runtime, no daemon, no program of the host. */
export function namespacesContainers(): ContainerSandbox {
  return {
    defaultCapabilities: CAPABILITIES,
    isCapability,
    createGroups: (id) => ControlGroups.create(id),
    groupsOf: (id) => ControlGroups.of(id),
    readEnd,
    start: (spec) => launch(spec, becomeProcess(spec.process, spec.privileges)),
    hold: (spec) => launch(spec, waitForInput()),
    join: joinContainer,
  };
}

/** `last`: what the first process does in the finished root. */
async function launch(spec: ContainerSpec, last: readonly Line[]): Promise<StartedContainer> {
  requireStarter();
  const step = toStep(spec);
  refuseImpossibleArguments(step.process);
  const plan = new MountPlan(spec.rootfs);
  const mounts = planMounts(plan, step, spec);
  const { flags, lines } = enterNamespaces(spec.namespaces, ROOT);
  const { held, outputs } = heldBy(spec.streams);
  const started = await spawnRecorder({
    lines: recorderTree({
      namespaces: flags | CLONE.newNamespace,
      before: lines,
      inside: [...insideLines(mounts, plan, spec), ...last],
      held: held.length,
      outputs,
    }),
    cwd: spec.scratch,
    streams: spec.streams,
    record: spec.record,
    program: spec.process.args[0] ?? '',
    prepare: spec.prepare,
  });
  return { ...started, mountPoints: plan.made };
}

/** The form of steps, for the parts that both have. */
function toStep({
  id,
  scratch,
  rootfs,
  process,
  hostname,
  mounts,
  privileges,
  streams,
  devices,
}: ContainerSpec): SandboxSpec {
  const step: ProcessSpec = {
    ...process,
    hostname,
    security: privileges.isPrivileged ? 'insecure' : 'sandbox',
    network: 'host',
  };
  const console = streams.kind === 'terminal' ? [{ source: streams.path, target: '/dev/console' }] : [];
  return {
    id,
    scratch,
    rootfs,
    process: step,
    mounts,
    hosts: undefined,
    resolvConf: undefined,
    devices: [...console, ...devices],
  };
}

interface PlannedMounts {
  readonly root: Mount;
  readonly below: readonly Mount[];
}

function planMounts(plan: MountPlan, step: SandboxSpec, { rootfs, privileges }: ContainerSpec): PlannedMounts {
  const names = new OverlayNames(step.scratch);
  const kernel = planKernelFiles(plan, step);
  if (!privileges.isPrivileged) planMasks(plan, kernel);
  planUserMounts(plan, step, names);
  refuseKernelPaths(plan, step.process);
  plan.makeDirectory(step.process.cwd, step.process);
  for (const folder of [ROOTFS, NODES]) mkdirSync(join(step.scratch, folder));
  const nodev = privileges.isPrivileged ? [] : ['nodev'];
  const root: Mount =
    rootfs.kind === 'directory'
      ? { type: 'bind', source: rootfs.path, target: '', options: ['bind', ...nodev] }
      : {
          type: 'overlay',
          source: 'mkimage-container',
          target: '',
          options: [...names.optionsFor({ lowers: rootfs.lowers, writable: { ...rootfs, isKept: true } }), ...nodev],
        };
  return { root, below: plan.mounts };
}

const ROOTFS = 'rootfs';
const MS_RDONLY_REMOUNT = 1 | 4 | 32 | 0x1000; // MS_RDONLY, MS_NODEV, MS_REMOUNT, MS_BIND

function insideLines({ root, below }: PlannedMounts, plan: MountPlan, spec: ContainerSpec): readonly Line[] {
  const { hostname, streams, namespaces } = spec;
  const readonly: Line = {
    name: 'mount',
    args: [0, ROOTFS, 0, MS_RDONLY_REMOUNT, 0],
    doing: 'make the root read-only',
  };
  return [
    ...takeTerminal(streams.kind === 'terminal'),
    { name: 'unshare', args: [CLONE.newCgroup], doing: 'make a control group namespace' },
    makePrivate(),
    ...(namespaces.network === 'new' ? loopbackUp() : []),
    ...(namespaces.uts === 'new' ? setHostname(hostname) : []),
    ...sysctlLines(spec.sysctls),
    ...makeNodes(ROOT),
    ...mountOn(ROOTFS, root),
    openRoot(ROOTFS),
    ...mountsBelowRoot(below),
    ...makeWorkingDirectory(plan, spec),
    ...(spec.isReadonly ? [readonly] : []),
    ...(streams.kind === 'pipes' && streams.stdin === undefined ? readNothing(OTHER) : []),
    ...enterRoot(),
  ];
}

function setHostname(name: string): readonly Line[] {
  return [{ name: 'sethostname', args: [name, Buffer.byteLength(name)], doing: `set the host name \`${name}\`` }];
}

const AT_FDCWD = -100;
const O_WRONLY = 1;
const O_CLOEXEC = 0o2000000;

/** Settings of the container's own namespaces, written through the host's /proc/sys, which shows those of the writing process. */
function sysctlLines(sysctls: ContainerSpec['sysctls']): readonly Line[] {
  return Object.entries(sysctls).flatMap(([name, value]) => {
    const doing = `set \`${name}\``;
    const bytes = Buffer.from(value);
    return [
      { name: 'openat', args: [AT_FDCWD, `/proc/sys/${name.replaceAll('.', '/')}`, O_WRONLY | O_CLOEXEC], doing },
      { name: 'write', args: [ROOT, bytes, bytes.length], doing, expect: bytes.length, onOther: 'failed' },
      { name: 'close', args: [ROOT], doing },
    ];
  });
}

function makeWorkingDirectory(plan: MountPlan, { process: program }: ContainerSpec): readonly Line[] {
  const place = plan.resolve(program.cwd);
  return place.kind === 'missing' ? makeDirectoriesBelowRoot(place.path, program) : [];
}
