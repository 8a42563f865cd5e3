import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { livenessOf, thisOwner } from '../../src/host/owners/owner.ts';
import { DeviceFilter } from '../../src/sandbox/devices/filter.ts';
import { type ControlGroup, ownGroups } from '../../src/sandbox/devices/own-groups.ts';
import { controllerLine, DEVICE_RULES } from '../../src/sandbox/devices/rules.ts';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { ociRuntimeSandbox } from '../../src/sandbox/oci-runtime.ts';
import type { Maker } from '../../src/snapshot/index.ts';
import { deviceFilterContract } from '../contract/device-filter.ts';
import { startChild } from '../support/child.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: device filter');
const base = tempDir('devices');
const maker: Maker = { name: thisOwner(), livenessOf };
const none = { name: 'none', livenessOf };
const filters: DeviceFilter[] = [];

for (const version of [1, 2] as const) {
  const devices = new DeviceFilter(maker, () => groupsHere().filter((group) => group.version === version));
  filters.push(devices);
  const has = devices.group !== undefined;
  const missing = has ? undefined : `devices to be filtered by control groups of version ${version}`;
  const on = withNeeds(test, { root: true, programs: ['busybox', 'gcc', 'nsenter'], missing });
  const withCrun = withNeeds(test, { root: true, programs: ['busybox', 'gcc', 'nsenter', 'crun'], missing });
  const add = (as: typeof on) => (name: string, run: () => Promise<void>) => as(`${name} (version ${version})`, run);
  const filtered = { devices, base };
  deviceFilterContract(add(on), { ...filtered, sandboxOf: namespacesSandbox });
  deviceFilterContract(add(withCrun), { ...filtered, sandboxOf: (filter) => ociRuntimeSandbox('crun', filter) });

  on(`a group is removed with its filter, and others are left alone (version ${version})`, async () => {
    const own = dirname(devices.group!.path);
    const another = new DeviceFilter(maker, () => [{ version, path: own }]);
    const path = another.group!.path;
    assert.ok(existsSync(path));
    await another[Symbol.asyncDispose]();
    assert.not(existsSync(path));
    assert.ok(existsSync(devices.group!.path));
  });
}

const first = new DeviceFilter(maker);
filters.push(first);
const missing = first.group === undefined ? 'control groups that filter devices' : undefined;
const onAny = withNeeds(test, { root: true, programs: ['busybox', 'gcc', 'nsenter', 'runc'], missing });
deviceFilterContract(onAny, { devices: first, base, sandboxOf: (filter) => ociRuntimeSandbox('runc', filter) });

withNeeds(test, { root: true, programs: ['busybox'], missing })(
  'what a killed mkimage leaves is removed by the next',
  async () => {
    mkdirSync(join(base, 'killed'));
    const child = await startChild('step-child.ts', ['namespaces', join(base, 'killed')]);
    const own = dirname(first.group!.path);
    const left = () => readdirSync(own).filter((group) => group.includes(`.${child.pid}.`));
    assert.is(left().length, 1);
    await child.kill();
    for (let attempt = 0; left().length > 0 && attempt < 20; attempt++) {
      const next = new DeviceFilter(maker);
      assert.ok(next.group);
      await next[Symbol.asyncDispose]();
    }
    assert.equal(left(), []);
    assert.ok(existsSync(first.group!.path));
  },
);

const version1 = filters[0]!;
withNeeds(test, { root: true, missing: version1.group ? undefined : 'a devices controller of version 1' })(
  'the controller has taken the rules',
  async () => {
    const { path } = version1.group!;
    const list = readFileSync(join(path, 'devices.list'), 'utf8').trim().split('\n');
    assert.equal(list.sort(), DEVICE_RULES.map(controllerLine).sort());
  },
);

test('where no group can be made there is no filter, and nothing is left', async () => {
  const folder = join(base, 'no-hierarchy');
  mkdirSync(folder);
  const impossible: readonly ControlGroup[] = [
    { version: 1, path: folder },
    { version: 2, path: folder },
    { version: 2, path: join(folder, 'missing') },
  ];
  const filter = new DeviceFilter(none, () => impossible);
  assert.is(filter.group, undefined);
  assert.equal(readdirSync(folder), []);
  await filter[Symbol.asyncDispose]();
  assert.is(new DeviceFilter(none, () => []).group, undefined);
});

test.after(async () => {
  for (const filter of filters) await filter[Symbol.asyncDispose]();
});

function groupsHere(): readonly ControlGroup[] {
  const read = (file: string) => readFileSync(`/proc/self/${file}`, 'utf8');
  return ownGroups({ mounts: read('mountinfo'), groups: read('cgroup') });
}

test.run();
