import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { livenessOf, thisOwner } from '../../src/host/owners/owner.ts';
import { DeviceFilter } from '../../src/sandbox/devices/filter.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('e2e: control groups');
const CLI = resolve(dirname(fileURLToPath(import.meta.url)), '../../dist/cli.js');
const base = tempDir('control-groups');
const here = new DeviceFilter({ name: thisOwner(), livenessOf });
const own = here.group === undefined ? undefined : dirname(here.group.path);
await here[Symbol.asyncDispose]();
const missing = own === undefined ? 'control groups that filter devices' : undefined;

for (const isolation of ['namespaces', 'crun']) {
  const programs = ['busybox', ...(isolation === 'crun' ? ['crun'] : [])];
  const on = withNeeds(test, { root: true, programs, missing });

  on(`a build in ${isolation} has one group for its steps and leaves none`, async () => {
    const build = begin(isolation, 'RUN sleep 0.5\nRUN sleep 0.2\n');
    const [group] = await groupsOf(build.pid!);
    assert.match(readFileSync(join(own!, group!, 'cgroup.procs'), 'utf8'), /^\d+$/m);
    const [code] = await once(build, 'exit');
    assert.is(code, 0);
    assert.equal(groupsNow(build.pid!), []);
  });

  on(`a build in ${isolation} that is interrupted leaves none either`, async () => {
    const build = begin(isolation, 'RUN sleep 100\n');
    await groupsOf(build.pid!);
    build.kill('SIGINT');
    await once(build, 'exit');
    assert.equal(groupsNow(build.pid!), []);
  });
}

function begin(isolation: string, steps: string) {
  const context = join(base, 'context');
  mkdirSync(context, { recursive: true });
  copyFileSync(programPath('busybox')!, join(context, 'busybox'));
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM scratch\nCOPY --link busybox /bin/sleep\nCOPY busybox /bin/sh\n${steps}`,
  );
  const env = { ...process.env, MKIMAGE_ROOT: join(base, 'root') };
  const args = ['build', '--no-cache', '--isolation', isolation, '--progress', 'quiet', context];
  return spawn(process.execPath, [CLI, ...args], { env, stdio: 'ignore' });
}

/** Those that a process made, once there is one with a step in it. */
async function groupsOf(pid: number): Promise<readonly string[]> {
  for (;;) {
    const groups = groupsNow(pid);
    if (groups.some((group) => readFileSync(join(own!, group, 'cgroup.procs'), 'utf8') !== '')) return groups;
    await sleep(5);
  }
}

function groupsNow(pid: number): readonly string[] {
  return readdirSync(own!).filter((name) => name.includes(`.${pid}.`));
}

test.run();
