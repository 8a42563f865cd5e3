import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measureDiskBytes, removeTree, removeTreeAsync, walkTree } from '../../src/host/index.ts';
import { makeDeepTree } from '../support/deep-tree.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('trees of the host');
const root = tempDir('trees');
const LEVELS = 5000; // 15,000 bytes of path

test('a tree that is deeper than a path can be long is counted as du counts it', () => {
  makeDeepTree(root, 'counted', LEVELS);
  assert.is(measureDiskBytes(join(root, 'counted')), duOf(join(root, 'counted')));
  assert.is([...walkTree(join(root, 'counted'))].length, LEVELS + 1);
});

test('a walk that is broken off leaves no descriptor open', () => {
  makeDeepTree(root, 'broken-off', LEVELS);
  const before = readdirSync('/proc/self/fd').length;
  let steps = 0;
  for (const _ of walkTree(join(root, 'broken-off'))) if (++steps === LEVELS) break;
  assert.is(readdirSync('/proc/self/fd').length, before);
});

test('a file with two names counts once, and a symlink is not followed', () => {
  const folder = join(root, 'links');
  mkdirSync(folder);
  writeFileSync(join(folder, 'one'), 'x'.repeat(100_000));
  linkSync(join(folder, 'one'), join(folder, 'two'));
  symlinkSync('/usr', join(folder, 'away'));
  assert.is(measureDiskBytes(folder), duOf(folder));
  assert.is(measureDiskBytes(join(root, 'never-there')), 0);
});

test('a tree that is deeper than a path can be long is removed', () => {
  makeDeepTree(root, 'doomed', LEVELS);
  makeDeepTree(join(root, 'doomed'), 'second', LEVELS);
  removeTree(join(root, 'doomed'));
  assert.not(existsSync(join(root, 'doomed')));
});

test('others run while a tree is removed', async () => {
  makeDeepTree(root, 'slowly', 2000);
  let turns = 0;
  const clock = setInterval(() => turns++, 0);
  await removeTreeAsync(join(root, 'slowly'));
  clearInterval(clock);
  assert.ok(turns > 0);
  assert.not(existsSync(join(root, 'slowly')));
});

test('removing follows no symlink, and takes files, links and names that are not UTF-8', () => {
  const folder = join(root, 'odd');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  mkdirSync(join(root, 'outside'));
  writeFileSync(join(root, 'outside/file'), 'stays');
  symlinkSync(join(root, 'outside'), join(folder, 'sub/link'));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(0xe9)]), 'x');
  chmodSync(join(folder, 'sub'), 0o555);
  removeTree(folder);
  assert.not(existsSync(folder));
  assert.is(readFileSync(join(root, 'outside/file'), 'utf8'), 'stays');
  symlinkSync(join(root, 'outside'), folder);
  removeTree(folder);
  assert.is(readFileSync(join(root, 'outside/file'), 'utf8'), 'stays');
  removeTree(join(root, 'never-there'));
});

function duOf(path: string): number {
  return Number(execFileSync('du', ['-s', '--block-size=1', path], { encoding: 'utf8' }).split('\t')[0]);
}

test.run();
