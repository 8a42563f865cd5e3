import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveInRoot } from '../../src/sandbox/mounts/root-view.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: root view');
const base = tempDir('root-view');
const lower = join(base, 'lower');
const upper = join(base, 'upper');
mkdirSync(join(lower, 'a/b'), { recursive: true });
mkdirSync(join(upper, 'a'), { recursive: true });
writeFileSync(join(lower, 'a/file'), '');
symlinkSync('/a/../../../a', join(lower, 'absolute'));
symlinkSync('absolute/b', join(upper, 'chain'));
symlinkSync('../../../../nowhere/x', join(upper, 'a/dangling'));
symlinkSync('loop', join(upper, 'loop'));
const root = [upper, lower];

test('directories of several layers merge, topmost first', () => {
  assert.equal(resolveInRoot(root, '/a'), {
    kind: 'directory',
    path: 'a',
    stack: [join(upper, 'a'), join(lower, 'a')],
  });
});

test('links are followed from layer to layer and never above the root', () => {
  assert.equal(resolveInRoot(root, 'chain'), { kind: 'directory', path: 'a/b', stack: [join(lower, 'a/b')] });
  assert.equal(resolveInRoot(root, '/a/dangling/y'), { kind: 'missing', path: 'nowhere/x/y' });
  assert.is(resolveInRoot(root, '/../../..').path, '');
});

test('what is missing counts as it is written', () => {
  assert.is(resolveInRoot(root, '/new/./x/../y').path, 'new/y');
});

test('what is mounted is looked into in place of what is below it', () => {
  const place = resolveInRoot(root, '/a/b/c', (path) =>
    path === 'a/b' ? { kind: 'directory', stack: [] } : undefined,
  );
  assert.equal(place, { kind: 'missing', path: 'a/b/c' });
});

test('loops and paths through files are errors', () => {
  assert.throws(() => resolveInRoot(root, '/loop'), /too many symbolic links/);
  assert.throws(() => resolveInRoot(root, '/a/file/x'), /`\/a\/file` is a file/);
});

test.run();
