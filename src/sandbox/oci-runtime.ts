import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TreePath } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { setupScript, startChild, type Verdict } from './child.ts';
import { fstabLine } from './fstab.ts';
import type { Probe, RunningProcess, Sandbox, SandboxSpec } from './index.ts';
import { refuseKernelPaths } from './kernel-paths.ts';
import { type Mount, MountPlan } from './mount-plan.ts';
import { OverlayNames } from './overlay-options.ts';
import { probeBy } from './probe.ts';
import { findProgram, programPath } from './programs.ts';
import { rootMount } from './root-mount.ts';
import { runtimeConfig } from './runtime-config.ts';
import { mountSteps } from './staged-mounts.ts';
import { planKernelFiles, planNetworkFiles } from './system-mounts.ts';
import { planUserMounts } from './user-mounts.ts';

export type RuntimeName = 'runc' | 'crun';

/**
 * Isolation by an OCI runtime of the host. What overlayfs has to merge is mounted around the runtime, in a mount namespace
 * that ends with the step, so nothing is ever left mounted; the rest is the runtime's work.
 */
export function ociRuntimeSandbox(name: RuntimeName): Sandbox {
  return { name, probe: (scratch) => probe(name, scratch), start: (spec, signal) => start(name, spec, signal) };
}

async function probe(name: RuntimeName, scratch: string): Promise<Probe> {
  if (process.getuid?.() !== 0) return { usable: false, detail: 'it needs root' };
  const program = findProgram(name);
  if (program === undefined) return { usable: false, detail: 'it is not installed' };
  return probeBy((spec, signal) => start(name, spec, signal), scratch, program);
}

async function start(name: RuntimeName, spec: SandboxSpec, signal: AbortSignal): Promise<RunningProcess> {
  const plan = new MountPlan(spec.rootfs);
  const afterwards = () => {
    plan.clean();
    removeCgroups(spec.id);
  };
  try {
    const command = commandFor(name, plan, spec);
    const { scratch: cwd, stdin, process: owner } = spec;
    const verdict = (code: number) => verdictOf(join(cwd, LOG), code);
    return startChild(
      { namespaces: NAMESPACES, command, cwd, stdin, owner, afterwards, verdict, mountPoints: plan.made },
      signal,
    );
  } catch (error) {
    afterwards();
    throw error;
  }
}

/** The runtime makes the step's own; these are around it. It wants a /proc that knows its processes. */
const NAMESPACES = ['--mount', '--propagation=private', '--mount-proc'] as const;

const LOG = 'runtime.log';

function commandFor(name: RuntimeName, plan: MountPlan, spec: SandboxSpec): readonly string[] {
  const names = new OverlayNames(spec.scratch);
  const root = join(spec.scratch, 'rootfs');
  mkdirSync(root);
  planKernelFiles(plan, spec);
  requirePlainKernelPaths(plan.mounts);
  planNetworkFiles(plan, spec);
  planUserMounts(plan, spec, names);
  refuseKernelPaths(plan, spec.process);
  plan.makeDirectory(spec.process.cwd, spec.process);
  const around = mountCrossedBefore(plan, spec.scratch);
  const { before, mounts } = mountOverlaysBefore(around.mounts, spec.scratch);
  const fstab = [...cgroupLines(name), fstabLine(rootMount(spec, names), root), ...before];
  writeFileSync(join(spec.scratch, 'fstab'), fstab.join(''));
  const config = runtimeConfig({ root, process: spec.process, mounts, cgroupsPath: `${CGROUP}/${spec.id}` });
  writeFileSync(join(spec.scratch, 'config.json'), config);
  const script = setupScript(['mount -n -c -a -T fstab', ...around.steps], '"$@"');
  const runtime = [programPath(name), ...globalOptions(name, spec.scratch), 'run', '--bundle', spec.scratch, spec.id];
  return ['sh', '-c', script, 'sh', ...runtime];
}

function globalOptions(name: RuntimeName, scratch: string): readonly string[] {
  const log = name === 'crun' ? `file:${join(scratch, LOG)}` : join(scratch, LOG);
  // Our mounts are `nodev`, which guards devices better than a cgroup, and nothing else is limited: crun can do without.
  const cgroups = name === 'crun' ? ['--cgroup-manager=disabled'] : [];
  return ['--root', join(scratch, 'state'), '--log', log, '--log-format', 'json', ...cgroups];
}

/** A runtime looks for these where they always are, and an image must not lead it elsewhere. */
function requirePlainKernelPaths(mounts: readonly Mount[]): void {
  for (const path of ['proc', 'dev', 'sys']) {
    if (mounts.some(({ target }) => target === path)) continue;
    throw new MkimageError('sandbox', `start step: \`/${path}\` of the image leads elsewhere`);
  }
}

/**
 * What lies in a directory that other steps may be changing is mounted around the runtime too, and bound with it: old
 * runtimes can be led out of the root while they look for the place (CVE-2024-45310).
 */
function mountCrossedBefore(
  { mounts, crossed }: MountPlan,
  scratch: string,
): { readonly steps: readonly string[]; readonly mounts: readonly Mount[] } {
  const isInside = ({ target }: Mount, top: Mount) => target.startsWith(`${top.target}/`);
  const holding = mounts.filter(
    (top) => top.type === 'bind' && crossed.has(top.target) && mounts.some((mount) => isInside(mount, top)),
  );
  const tops = holding.filter((top) => !holding.some((other) => isInside(top, other)));
  const steps = tops.flatMap((top, index) => {
    const root = join(scratch, `shared${index}`);
    mkdirSync(root);
    const below = (target: TreePath) => target.slice(top.target.length + 1);
    const inside = mounts.filter((mount) => mount === top || isInside(mount, top));
    return mountSteps({
      mounts: inside.map((mount) => ({ ...mount, target: below(mount.target) })),
      crossed: new Set([...crossed].filter((target) => inside.some((mount) => mount.target === target)).map(below)),
      root,
      scratch,
      name: `shared${index}-fstab`,
      finally: [],
    });
  });
  const rest = mounts.filter((mount) => !tops.some((top) => isInside(mount, top)));
  const bound = (top: Mount, index: number): Mount => ({
    ...top,
    source: join(scratch, `shared${index}`),
    options: ['rbind', ...top.options.filter((option) => option !== 'bind')],
  });
  return { steps, mounts: rest.map((mount) => (tops.includes(mount) ? bound(mount, tops.indexOf(mount)) : mount)) };
}

/** Overlays of trees are mounted around the runtime and then bound: it would want their options short and absolute. */
function mountOverlaysBefore(
  mounts: readonly Mount[],
  scratch: string,
): { readonly before: readonly string[]; readonly mounts: readonly Mount[] } {
  const overlays = mounts.filter(({ type }) => type === 'overlay');
  const places = new Map(overlays.map((mount, index) => [mount, join(scratch, `tree${index}`)]));
  for (const place of places.values()) mkdirSync(place);
  return {
    before: [...places].map(([mount, place]) => fstabLine({ ...mount, target: '' }, place)),
    mounts: mounts.map((mount) => {
      const source = places.get(mount);
      return source === undefined ? mount : { ...mount, type: 'bind', source, options: ['bind', 'nodev'] };
    }),
  };
}

const CGROUP2_MAGIC = 0x63677270;
const HYBRID = '/sys/fs/cgroup/unified';

/** crun wants unified cgroups even where it is told to make none; a hybrid host has them one level down. */
function cgroupLines(name: RuntimeName): readonly string[] {
  if (name !== 'crun' || statfsSync('/sys/fs/cgroup').type === CGROUP2_MAGIC || !existsSync(HYBRID)) return [];
  return [fstabLine({ type: 'bind', source: HYBRID, target: 'sys/fs/cgroup', options: ['bind'] }, '')];
}

const CGROUP = '/mkimage';

/** A runtime that was killed leaves its (empty) cgroups: one directory, or one in each of the old hierarchies. */
function removeCgroups(id: string): void {
  for (const hierarchy of ['', ...readdirSync('/sys/fs/cgroup')]) {
    try {
      rmdirSync(join('/sys/fs/cgroup', hierarchy, CGROUP, id));
    } catch {} // not made, removed already, or not ours to remove
  }
}

/** What the runtime itself complained of last; that the program does not exist is the program's status. */
function verdictOf(log: string, code: number): Verdict {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  const errors = lines.flatMap((line) => messageOf(line) ?? []);
  const last = errors.at(-1);
  if (last === undefined) return { code };
  if (/executable file|exec: ".*(no such file|not found)/.test(last)) return { code: 127 };
  return /exec.*permission denied/i.test(last) ? { code: 126 } : { fault: last };
}

function messageOf(line: string): string | undefined {
  try {
    const { level, msg } = JSON.parse(line);
    return level === 'error' ? String(msg) : undefined;
  } catch {
    return undefined;
  }
}
