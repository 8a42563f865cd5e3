import { chmodSync, lchownSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveRealPath } from '../../src/host/index.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('host: real paths');
const asRoot = withNeeds(test, { root: true });
const root = realpathSync(tempDir('real-path'));
const NOBODY = 65534;
mkdirSync(join(root, 'a/b'), { recursive: true });
mkdirSync(join(root, 'shared'));
writeFileSync(join(root, 'a/file'), '');
symlinkSync('a/b', join(root, 'link'));
symlinkSync('../link/../file', join(root, 'shared/own'));
symlinkSync('loop', join(root, 'loop'));
chmodSync(join(root, 'shared'), 0o1777);

test('links are followed as far as the path exists; the missing rest is appended', () => {
  assert.is(resolveRealPath(join(root, 'a/file')), join(root, 'a/file'));
  assert.is(resolveRealPath(join(root, 'link')), join(root, 'a/b'));
  assert.is(resolveRealPath(join(root, 'link/new/deeper')), join(root, 'a/b/new/deeper'));
  assert.is(resolveRealPath(join(root, 'shared/own')), join(root, 'a/file'));
  assert.is(resolveRealPath('/'), '/');
});

test('a loop of links is an error', () => {
  assert.throws(() => resolveRealPath(join(root, 'loop')), /too many symbolic links/);
});

asRoot('a link that another user put into a folder for all is not followed, wherever it stands in the path', () => {
  for (const [name, target] of [
    ['planted', join(root, 'a')],
    ['dangling', join(root, 'nothing')],
  ] as const) {
    const link = join(root, 'shared', name);
    symlinkSync(target, link);
    lchownSync(link, NOBODY, NOBODY);
    for (const path of [link, join(link, 'file'), join(link, 'new')]) {
      assert.throws(() => resolveRealPath(path), /another user put the link/);
    }
    symlinkSync(link, join(root, `to-${name}`));
    assert.throws(() => resolveRealPath(join(root, `to-${name}`)), /another user put the link/);
  }
});

asRoot("a link of the folder's owner is followed, and so is one in a folder that is not for all", () => {
  const theirs = join(root, 'theirs');
  mkdirSync(theirs);
  for (const name of ['x', 'y']) {
    symlinkSync(join(root, 'a'), join(theirs, name));
    lchownSync(join(theirs, name), NOBODY, NOBODY);
  }
  assert.is(resolveRealPath(join(theirs, 'x')), join(root, 'a'));
  lchownSync(theirs, NOBODY, NOBODY);
  chmodSync(theirs, 0o1777);
  assert.is(resolveRealPath(join(theirs, 'y')), join(root, 'a'));
});

test('the links of /proc stay as they are: what they lead to may have no path', () => {
  assert.is(resolveRealPath('/proc/self/fd/0'), '/proc/self/fd/0');
});

test.run();
