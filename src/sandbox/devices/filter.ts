import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attachDeviceProgram, thisProcessId } from '../../host/index.ts';
import type { Maker } from '../../snapshot/index.ts';
import type { ProcessSpec } from '../index.ts';
import { type ControlGroup, ownGroups } from './own-groups.ts';
import { compileDeviceProgram } from './program.ts';
import { controllerLine, DEVICE_RULES } from './rules.ts';

/**
 * A control group below our own in which the kernel refuses devices that no rule names, whatever the mounts of a step say. It
 * is the same for all steps, so there is one: made for the first of them and removed with this.
 *
 * It is a second wall behind `nodev`. Where groups cannot be made (there are none, they are read-only, the kernel or a container
 * around us refuses) there is none, and nothing fails.
 */
export class DeviceFilter implements AsyncDisposable {
  readonly #maker: Maker;
  readonly #own: () => readonly ControlGroup[];
  #group: ControlGroup | undefined;
  #tried = false;

  /** `own` tells in which groups this process is, best first. */
  constructor(maker: Maker, own = ownGroupsHere) {
    this.#maker = maker;
    this.#own = own;
  }

  /** The group that steps are to be in. */
  get group(): ControlGroup | undefined {
    if (!this.#tried) this.#group = this.#make();
    this.#tried = true;
    return this.#group;
  }

  /** To be called when no step runs any more; what cannot be removed then is left to the next build. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { path } = this.#group ?? {};
    this.#group = undefined;
    for (let attempt = 0; path !== undefined && attempt < PATIENCE; attempt++) {
      if (removeGroup(path)) return;
      await sleep(RETRY_MS); // the kernel counts the last process of a group for a moment longer than wait(2) does
    }
  }

  #make(): ControlGroup | undefined {
    for (const own of this.#own()) {
      const path = join(own.path, `${KIND}${this.#maker.name}-${randomBytes(4).toString('hex')}`);
      try {
        removeGroupsOfDead(own.path, this.#maker);
        makeGroup({ ...own, path });
        return { ...own, path };
      } catch {
        removeGroup(path);
      }
    }
    return undefined;
  }
}

/** Where the processes of a step belong: one that asked to be insecure has all devices that mkimage has. */
export function groupFor({ security }: ProcessSpec, devices: DeviceFilter | undefined): ControlGroup | undefined {
  return security === 'sandbox' ? devices?.group : undefined;
}

const KIND = 'mkimage-';
const PATIENCE = 20;
const RETRY_MS = 5;

/** Where this process really is, by the list of the group's processes: tables may tell of what another mount hides. */
function ownGroupsHere(): readonly ControlGroup[] {
  try {
    const read = (name: string) => readFileSync(`/proc/self/${name}`, 'utf8');
    return ownGroups({ mounts: read('mountinfo'), groups: read('cgroup') }).filter(({ path }) =>
      holdsThisProcess(path),
    );
  } catch {
    return []; // a kernel without control groups
  }
}

function holdsThisProcess(path: string): boolean {
  try {
    return readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').includes(String(thisProcessId()));
  } catch {
    return false;
  }
}

function makeGroup({ version, path }: ControlGroup): void {
  mkdirSync(path);
  if (version === 2) attachDeviceProgram(path, compileDeviceProgram(DEVICE_RULES));
  else writeRules(path);
}

function writeRules(path: string): void {
  writeFileSync(join(path, 'devices.deny'), 'a', { flag: 'r+' });
  for (const rule of DEVICE_RULES) {
    try {
      writeFileSync(join(path, 'devices.allow'), controllerLine(rule), { flag: 'r+' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error; // the group around us has no such device either
    }
  }
}

/** True if it is gone. Groups with processes are never removed. */
function removeGroup(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EBUSY';
  }
}

/** Names say who made a group. */
function removeGroupsOfDead(folder: string, { livenessOf }: Maker): void {
  for (const name of readdirSync(folder)) {
    const [, maker] = /^mkimage-(.+)-[0-9a-f]{8}$/.exec(name) ?? [];
    if (maker !== undefined && livenessOf(maker) === 'dead') removeGroup(join(folder, name));
  }
}
