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
 * A control group below the group of mkimage. In it, the kernel refuses all devices without a rule, even if a mount of the step permits
 * them. All steps share one group, which is created for the first step and removed on dispose.
 *
 * It is a second protection in addition to `nodev`. If groups cannot be created (not available, read-only, permission denied), steps run
 * without it, and no error is reported.
 */
export class DeviceFilter implements AsyncDisposable {
  readonly #maker: Maker;
  readonly #own: () => readonly ControlGroup[];
  #group: ControlGroup | undefined;
  #tried = false;

  /** `own` returns the groups of this process, best first. */
  constructor(maker: Maker, own = findOwnGroups) {
    this.#maker = maker;
    this.#own = own;
  }

  /** The group for steps. */
  get group(): ControlGroup | undefined {
    if (!this.#tried) this.#group = this.#make();
    this.#tried = true;
    return this.#group;
  }

  /** Call it when no step runs any more. A group that cannot be removed is removed by the next build. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { path } = this.#group ?? {};
    this.#group = undefined;
    for (let attempt = 0; path !== undefined && attempt < PATIENCE; attempt++) {
      if (removeGroup(path)) return;
      await sleep(RETRY_MS); // the kernel still counts the last process of a group for a short time after wait(2)
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

/** Returns the control group for a step. An insecure step has no filter: it may use all devices of mkimage. */
export function groupFor({ security }: ProcessSpec, devices: DeviceFilter | undefined): ControlGroup | undefined {
  return security === 'sandbox' ? devices?.group : undefined;
}

const KIND = 'mkimage-';
const PATIENCE = 20;
const RETRY_MS = 5;

/** Finds the groups of this process, and checks that it is in their process list, because another mount may hide the real group. */
function findOwnGroups(): readonly ControlGroup[] {
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
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error; // the parent group has no such device either
    }
  }
}

/** Returns true if the group does not exist any more. The kernel does not remove groups with processes. */
function removeGroup(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EBUSY';
  }
}

/** Removes groups whose owner, which is part of the name, has ended. */
function removeGroupsOfDead(folder: string, { livenessOf }: Maker): void {
  for (const name of readdirSync(folder)) {
    const [, maker] = /^mkimage-(.+)-[0-9a-f]{8}$/.exec(name) ?? [];
    if (maker !== undefined && livenessOf(maker) === 'dead') removeGroup(join(folder, name));
  }
}
