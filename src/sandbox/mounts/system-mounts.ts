import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanPath, type TreePath } from '../../content/index.ts';
import { isMappedId } from '../../host/index.ts';
import { DEVICE_LINKS, DEVICES, MASKED_PATHS, NODES, presentOnHost, READONLY_PATHS } from '../confinement.ts';
import type { SandboxSpec } from '../index.ts';
import type { Mount, MountPlan, PlannedMount } from './mount-plan.ts';

/** The mounts of every step, in addition to the mounts that it requests. */

const CGROUPS = '/sys/fs/cgroup';
const CGROUP2_MAGIC = 0x63677270;
/** The group of terminals. */
const TTY = 5;

/** Plans read-only binds of /etc/hosts and /etc/resolv.conf. Symlinks of these names are resolved in the root. */
export function planNetworkFiles(plan: MountPlan, spec: SandboxSpec): void {
  const files = { '/etc/hosts': spec.hosts, '/etc/resolv.conf': spec.resolvConf };
  for (const [target, text] of Object.entries(files)) {
    if (text === undefined || plan.isProtected(target)) continue; // the image has none on purpose: a symlink to /dev/null
    const source = join(spec.scratch, target.slice('/etc/'.length));
    writeFileSync(source, text);
    chmodSync(source, 0o644); // whatever the caller's umask
    plan.add(target, file(source, ['ro', 'nosuid', 'nodev', 'noexec']));
  }
}

/** Plans the step's own /proc, /dev and /sys. Returns the resolved paths of /proc and /sys. */
export function planKernelFiles(plan: MountPlan, spec: SandboxSpec): KernelPlaces {
  const access = spec.process.security === 'insecure' ? 'rw' : 'ro';
  const proc = plan.add('/proc', kernel('proc', ['nosuid', 'nodev', 'noexec']));
  const dev = planDevices(plan, spec);
  const sys = plan.add('/sys', kernel('sysfs', [access, 'nosuid', 'nodev', 'noexec']));
  planCgroup(plan, sys, access);
  plan.protect([proc, dev, sys], [`${dev}/shm`, `${dev}/pipes`]);
  return { '/proc': proc, '/sys': sys };
}

export type KernelPlaces = Readonly<Record<'/proc' | '/sys', TreePath>>;

/** A mount without a source, in which no mount point can be created. */
function kernel(type: Mount['type'], options: readonly string[]): PlannedMount {
  return { type, source: type, options, at: { kind: 'directory', stack: [] }, writable: { kind: 'no' } };
}

function file(source: string, options: readonly string[]): PlannedMount {
  return {
    type: 'bind',
    source,
    options: ['bind', ...options],
    at: { kind: 'file', file: source },
    writable: { kind: 'no' },
  };
}

/**
 * Plans a new /dev: a directory of the step's scratch with a few harmless devices as bind mounts. It is `nodev`, so device nodes that the
 * step creates cannot be opened.
 */
function planDevices(plan: MountPlan, spec: SandboxSpec): TreePath {
  const { scratch, process } = spec;
  const source = join(scratch, 'dev');
  makeDeviceDirectory(source);
  const stack = [source];
  const options = ['bind', 'nosuid', 'noexec', ...(process.security === 'insecure' ? [] : ['nodev'])];
  const at = { kind: 'directory', stack } as const;
  const dev = plan.add('/dev', { type: 'bind', source, options, at, writable: { kind: 'stack', stack } });
  for (const name of Object.keys(DEVICES)) plan.add(`/${dev}/${name}`, file(`${NODES}/${name}`, ['nosuid', 'noexec']));
  for (const { source: device, target } of spec.devices ?? []) plan.add(target, file(device, ['nosuid', 'noexec']));
  const pts = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'];
  if (isMappedId('gid', TTY)) pts.push(`gid=${TTY}`);
  plan.add(`/${dev}/pts`, kernel('devpts', pts));
  plan.add(`/${dev}/mqueue`, kernel('mqueue', ['nosuid', 'nodev', 'noexec']));
  if (spec.mounts.some(({ target }) => cleanPath(target) === 'dev/shm')) return dev;
  const shm = kernel('tmpfs', ['nosuid', 'nodev', 'noexec', 'mode=1777', `size=${process.shmSize}`]);
  plan.add(`/${dev}/shm`, { ...shm, writable: { kind: 'inside' } });
  return dev;
}

function makeDeviceDirectory(directory: string): void {
  mkdirSync(directory);
  chmodSync(directory, 0o755);
  for (const name of Object.keys(DEVICES)) closeSync(openSync(join(directory, name), 'wx'));
  for (const [name, target] of Object.entries(DEVICE_LINKS)) symlinkSync(target, join(directory, name));
  for (const name of ['pts', 'shm', 'mqueue']) mkdirSync(join(directory, name));
}

/** Plans the host's cgroups (version 2 only), so that a language runtime in the step (such as a JVM) can read its limits. */
function planCgroup(plan: MountPlan, sys: TreePath, access: string): void {
  // If mkimage runs in a chroot, /sys may be missing.
  if (!existsSync(CGROUPS) || statfsSync(CGROUPS).type !== CGROUP2_MAGIC) return;
  const options = ['bind', access, 'nosuid', 'nodev', 'noexec'];
  plan.addInKernelFiles({ type: 'bind', source: CGROUPS, target: `${sys}/fs/cgroup`, options });
}

/** Hides the same files in /proc and /sys as Docker. */
export function planMasks(plan: MountPlan, places: KernelPlaces): void {
  const inside = (path: string) => path.replace(/^\/(proc|sys)/, (top) => places[top as keyof KernelPlaces]);
  for (const { path } of presentOnHost(READONLY_PATHS)) {
    const options = ['bind', 'ro', 'nosuid', 'nodev', 'noexec'];
    plan.addInKernelFiles({ type: 'bind', source: inside(path), sourceInRoot: true, target: inside(path), options });
  }
  for (const { path, directory } of presentOnHost(MASKED_PATHS)) {
    const empty = { type: 'tmpfs', source: 'tmpfs', options: ['ro', 'nosuid', 'nodev', 'noexec', 'size=0'] } as const;
    const nothing = { type: 'bind', source: `${NODES}/null`, options: ['bind', 'nosuid', 'noexec'] } as const;
    plan.addInKernelFiles({ ...(directory ? empty : nothing), target: inside(path) });
  }
}
