import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeNode } from '../../src/host/index.ts';
import type { SandboxMount } from '../../src/sandbox/index.ts';
import { resolveInRoot } from '../../src/sandbox/mounts/root-view.ts';
import { planTree } from '../../src/sandbox/mounts/user-mounts.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: bind mounts of single files');
const base = tempDir('user-mounts');
const [lower, upper, work] = ['lower', 'upper', 'work'].map((name) => join(base, name)) as [string, string, string];
for (const directory of [lower, upper, work]) mkdirSync(directory);
writeFileSync(join(lower, 'file'), 'text');
makeNode(join(lower, 'pipe'), 0o010600, { major: 0, minor: 0 });

function mountOf(subpath: string, writable: boolean): Extract<SandboxMount, { kind: 'tree' }> {
  const writes = writable ? { upper, work } : undefined;
  return { kind: 'tree', lowers: [lower], subpath, target: '/m', writable: writes };
}

test('a file is mounted, and a copy of it where the step may write', () => {
  assert.is(planTree(mountOf('file', false), undefined).source, join(lower, 'file'));
  assert.is(planTree(mountOf('file', true), undefined).source, join(upper, 'file'));
  assert.is(resolveInRoot([upper], 'file').kind, 'file');
});

test('what is no regular file is refused: it could hold the build for ever', async () => {
  for (const writable of [true, false]) {
    await refuses('sandbox', () => planTree(mountOf('pipe', writable), undefined), /`\/pipe` of its source is a pipe/);
  }
});

test.run();
