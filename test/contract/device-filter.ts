/** What a device filter keeps from a step by itself, where the mounts of the step would let it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { livenessOf, thisOwner } from '../../src/host/owners/owner.ts';
import { DeviceFilter } from '../../src/sandbox/devices/filter.ts';
import type { ProcessSpec, Sandbox } from '../../src/sandbox/index.ts';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { compileIntruder } from '../support/intruder.ts';
import { runStep, type StepResult, stepSpec } from '../support/run-step.ts';
import { tableOf } from './containment.ts';

type Add = (name: string, run: () => Promise<void>) => void;

/** The row of `docs/isolation.md`. */
const ROW = 'open devices on a mount that lets it';

export interface Filtered {
  readonly sandboxOf: (devices: DeviceFilter) => Sandbox;
  readonly devices: DeviceFilter;
  /** A directory of this backend's own. */
  readonly base: string;
}

export function deviceFilterContract(test: Add, { sandboxOf, devices, base }: Filtered): void {
  const { name } = sandboxOf(devices);

  test(`in ${name}, a step cannot open a device that its filter does not name, whatever its mounts allow`, async () => {
    const step = await begin('/intruder filtered-devices');
    letDevicesBeOpened(step.pid);
    assert.is((await step.goOn()).stdout, 'filtered-devices EPERM\n');
    const table = tableOf(readFileSync(new URL('../../docs/isolation.md', import.meta.url), 'utf8'));
    assert.is(table.get(ROW)?.get(name), 'EPERM');
  });

  test(`in ${name}, an insecure step is in no filter`, async () => {
    const step = await begin('true', { security: 'insecure' });
    const groups = groupsOf(step.pid);
    await step.goOn();
    assert.not(groups.includes(basename(devices.group!.path)));
  });

  test(`in ${name}, a step runs when its group is gone, and sees the name of none`, async () => {
    const { version, path } = devices.group!;
    const seen = await (await begin('cat /proc/self/cgroup')).goOn();
    assert.not(seen.stdout.includes(basename(path)));
    const own = [{ version, path: dirname(path) }];
    await using gone = new DeviceFilter({ name: thisOwner(), livenessOf }, () => own);
    rmdirSync(gone.group!.path);
    assert.is((await (await begin('true', {}, sandboxOf(gone))).goOn()).code, 0);
  });

  async function begin(
    command: string,
    process: Partial<ProcessSpec> = {},
    sandbox = sandboxOf(devices),
  ): Promise<BegunStep> {
    steps += 1;
    const own = join(base, `${name}${steps}`);
    for (const folder of ['lifted', 'upper', 'work']) mkdirSync(join(own, folder), { recursive: true });
    const rootfs = {
      kind: 'overlay',
      lowers: [rootIn(base)],
      upper: join(own, 'upper'),
      work: join(own, 'work'),
    } as const;
    const mounts = [{ kind: 'bind', source: join(own, 'lifted'), target: '/lifted', readonly: false }] as const;
    const script = `echo >/lifted/begun; until [ -e /lifted/go ]; do sleep 0.02; done; ${command} # ${own}`;
    const ended = runStep(sandbox, stepSpec(base, rootfs, ['/bin/sh', '-c', script], { process, step: { mounts } }));
    ended.catch(() => {});
    const failed = ended.then(({ stderr }) => assert.unreachable(`the step ended early: ${stderr}`));
    await Promise.race([failed, fileAt(join(own, 'lifted/begun'))]);
    failed.catch(() => {});
    return {
      pid: processWith(own),
      goOn: () => {
        writeFileSync(join(own, 'lifted/go'), '');
        return ended;
      },
    };
  }
}

interface BegunStep {
  /** Of its program, outside of it. */
  readonly pid: number;
  goOn(): Promise<StepResult>;
}

let steps = 0;

function rootIn(base: string): string {
  const root = join(base, 'root');
  if (existsSync(root)) return root;
  makeBusyboxRoot(root);
  compileIntruder(join(root, 'intruder'));
  return root;
}

async function fileAt(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(5);
}

/** From outside, as no step can. */
function letDevicesBeOpened(pid: number): void {
  const mount = ['/bin/busybox', 'mount', '-o', 'remount,bind,dev', 'none', '/lifted'];
  execFileSync('nsenter', [`--target=${pid}`, '--mount', ...mount]);
}

/** The program of a step, by a text in its arguments: nothing else says them. */
function processWith(text: string): number {
  const found = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && lookAt(pid, 'cmdline').includes(text));
  assert.ok(found, 'the process of the step');
  return Number(found);
}

function groupsOf(pid: number): string {
  return lookAt(String(pid), 'cgroup');
}

function lookAt(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}
