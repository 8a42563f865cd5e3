import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attachDeviceProgram } from '../../host/index.ts';
import { compileDeviceProgram } from '../devices/program.ts';
import { controllerLine, DEVICE_RULES, type DeviceRule } from '../devices/rules.ts';
import type { ContainerGroups, GroupSetting } from './port.ts';

/** Controllers that a container uses. */
const CONTROLLERS = ['devices', 'freezer', 'memory', 'cpu', 'cpuacct', 'cpuset', 'pids', 'blkio'] as const;
type Controller = GroupSetting['controller'];

interface Hierarchies {
  readonly v1: ReadonlyMap<Controller, string>;
  readonly v2: string | undefined;
}

const PARENT = 'mkimage';

/** The control groups of one container: one directory for each hierarchy of version 1, or one of version 2. */
export class ControlGroups implements ContainerGroups {
  readonly #paths: ReadonlyMap<Controller, string>;
  readonly #v2: string | undefined;

  private constructor(paths: ReadonlyMap<Controller, string>, v2: string | undefined) {
    this.#paths = paths;
    this.#v2 = v2;
  }

  /** Creates the groups, as far as this system permits. */
  static create(id: string): ControlGroups {
    const { v1, v2 } = findHierarchies();
    const paths = new Map<Controller, string>();
    for (const [controller, mount] of v1) {
      const path = makeGroup(join(mount, PARENT, id), () => controller === 'cpuset' && inheritCpuset(mount, id));
      if (path !== undefined) paths.set(controller, path);
    }
    return new ControlGroups(paths, v2 === undefined ? undefined : makeUnified(v2, id));
  }

  /** Finds the groups of a container that was started before. */
  static of(id: string): ControlGroups {
    const { v1, v2 } = findHierarchies();
    const paths = [...v1].map(([controller, mount]) => [controller, join(mount, PARENT, id)] as const);
    const unified = v2 === undefined ? undefined : join(v2, PARENT, id);
    return new ControlGroups(
      new Map(paths.filter(([, path]) => existsSync(path))),
      unified !== undefined && existsSync(unified) ? unified : undefined,
    );
  }

  /** Lets the kernel refuse all devices without a rule. Returns false if this system cannot. */
  filterDevices(more: readonly DeviceRule[]): boolean {
    const rules = [...DEVICE_RULES, ...more];
    const path = this.#paths.get('devices');
    try {
      if (path !== undefined) {
        writeFileSync(join(path, 'devices.deny'), 'a', { flag: 'r+' });
        for (const rule of rules) tryWrite(join(path, 'devices.allow'), controllerLine(rule));
        return true;
      }
      if (this.#v2 === undefined) return false;
      attachDeviceProgram(this.#v2, compileDeviceProgram(rules));
      return true;
    } catch {
      return false;
    }
  }

  /** Writes a setting. Returns the reason if it has no effect. */
  set({ controller, asked, v1, v2 }: GroupSetting): string | undefined {
    const path = this.#paths.get(controller);
    const [folder, entry] = path === undefined ? [this.#v2, v2] : [path, v1];
    const lost = `${asked} has no effect: the kernel or the system offers no control group for it`;
    if (folder === undefined || entry === undefined || !existsSync(join(folder, entry[0]))) return lost;
    try {
      writeFileSync(join(folder, entry[0]), entry[1], { flag: 'r+' });
      return undefined;
    } catch (error) {
      return `${asked} has no effect: ${(error as Error).message}`;
    }
  }

  /** Moves a process of one thread, and its future children, into the groups. */
  enter(pid: number): void {
    for (const path of this.#paths.values()) writeFileSync(join(path, 'tasks'), String(pid), { flag: 'r+' });
    if (this.#v2 !== undefined) tryWrite(join(this.#v2, 'cgroup.procs'), String(pid));
  }

  /** Stops or continues all processes. Returns false if this system cannot. */
  freeze(isFrozen: boolean): boolean {
    const path = this.#paths.get('freezer');
    if (path !== undefined) return tryWrite(join(path, 'freezer.state'), isFrozen ? 'FROZEN' : 'THAWED');
    return this.#v2 !== undefined && tryWrite(join(this.#v2, 'cgroup.freeze'), isFrozen ? '1' : '0');
  }

  /** The text of a file of a controller in version 1, or of version 2; undefined if there is none. */
  read(controller: Controller, v1: string, v2: string): string | undefined {
    const path = this.#paths.get(controller);
    const file = path === undefined ? this.#v2 && join(this.#v2, v2) : join(path, v1);
    try {
      return file === undefined ? undefined : readFileSync(file, 'utf8').trim();
    } catch {
      return undefined;
    }
  }

  /** All processes, by their pids on the host. */
  pids(): readonly number[] {
    const folder = this.#paths.values().next().value ?? this.#v2;
    if (folder === undefined) return [];
    try {
      return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  }

  /** Returns true if the kernel has killed a process of the container because memory was used up. */
  wasOutOfMemory(): boolean {
    const v1 = this.#paths.has('memory') ? this.read('memory', 'memory.oom_control', '') : undefined;
    const v2 = this.#v2 === undefined ? undefined : this.read('memory', 'memory.oom_control', 'memory.events');
    return /^oom_kill [1-9]/m.test(v1 ?? v2 ?? '');
  }

  remove(): void {
    for (const path of [...this.#paths.values(), ...(this.#v2 === undefined ? [] : [this.#v2])]) {
      for (const name of foldersIn(path)) tryRemove(join(path, name));
      tryRemove(path);
    }
  }
}

/** proc_pid_mountinfo(5). Read-only hierarchies are of no use. */
function findHierarchies(): Hierarchies {
  const v1 = new Map<Controller, string>();
  let v2: string | undefined;
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , , place = '', options = ''] = left.split(' ');
    const [type, , superOptions = ''] = right.split(' ');
    if (!options.startsWith('rw') || !superOptions.startsWith('rw')) continue;
    if (type === 'cgroup2') v2 = place;
    if (type !== 'cgroup') continue;
    for (const controller of CONTROLLERS) if (superOptions.split(',').includes(controller)) v1.set(controller, place);
  }
  return { v1, v2 };
}

function makeGroup(path: string, prepare: () => void): string | undefined {
  try {
    mkdirSync(path, { recursive: true });
    prepare();
    return path;
  } catch {
    return undefined;
  }
}

/** A cpuset of version 1 is empty, and takes no process before it is filled. */
function inheritCpuset(mount: string, id: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const whole = readFileSync(join(mount, file), 'utf8');
    for (const folder of [join(mount, PARENT), join(mount, PARENT, id)]) writeFileSync(join(folder, file), whole);
  }
}

function makeUnified(mount: string, id: string): string | undefined {
  const path = makeGroup(join(mount, PARENT, id), () => {});
  if (path === undefined) return undefined;
  for (const folder of [mount, join(mount, PARENT)]) {
    const offered = readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ').filter(Boolean);
    for (const name of offered) tryWrite(join(folder, 'cgroup.subtree_control'), `+${name}`);
  }
  return path;
}

function tryWrite(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'r+' });
    return true;
  } catch {
    return false;
  }
}

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

function tryRemove(path: string): void {
  try {
    rmdirSync(path);
  } catch {} // not created, or a process has not ended yet
}
