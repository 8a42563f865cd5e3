import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FileTree, walkTree } from '../../src/content/index.ts';
import { isMkimageError } from '../../src/errors.ts';
import { createMergedTree, createSplitTree } from '../../src/exporter/rootfs/combined-tree.ts';
import { type Sketch, treeOf } from '../support/tree-of.ts';

const test = suite('root filesystems of several platforms');

function parts(...sketches: readonly Readonly<Record<string, Sketch>>[]) {
  const folders = ['linux_amd64', 'linux_arm64'];
  return sketches.map((sketch, at) => ({ folder: folders[at]!, tree: treeOf(sketch) }));
}

async function read(tree: FileTree): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { path, type } of walkTree(tree)) {
    const found = type === 'file' ? await tree.locate(path) : undefined;
    lines.push(`${path} ${found?.kind === 'bytes' ? Buffer.from(found.bytes) : type}`);
  }
  return lines;
}

test('each platform gets a folder', async () => {
  const tree = createSplitTree(parts({ 'etc/name': 'a', x: 'b' }, { x: 'c' }), 7);
  assert.equal(await read(tree), [
    ' directory',
    'linux_amd64 directory',
    'linux_amd64/etc directory',
    'linux_amd64/etc/name a',
    'linux_amd64/x b',
    'linux_arm64 directory',
    'linux_arm64/x c',
  ]);
  const folder = tree.stat('linux_arm64');
  assert.equal([folder?.mode, folder?.uid, folder?.mtime], [0o755, 0, 7]);
  assert.is(await tree.digest('linux_arm64/x'), await treeOf({ x: 'c' }).digest('x'));
  for (const path of ['other', 'other/x', 'linux_arm64/y']) assert.is(tree.stat(path), undefined, path);
  assert.equal(tree.list('other'), []);
});

test('what is one inode in one platform is another in the other', () => {
  const tree: FileTree = treeOf({ x: 'c' });
  const linked: FileTree = {
    ...tree,
    stat: (path) => ({ ...tree.stat(path)!, inode: '1' }),
    list: (path) => tree.list(path).map((entry) => ({ ...entry, inode: '1' })),
  };
  const both = createSplitTree(
    [
      { folder: 'a', tree: linked },
      { folder: 'b', tree: linked },
    ],
    0,
  );
  assert.not.equal(both.stat('a/x')!.inode, both.stat('b/x')!.inode);
  assert.equal(both.list('a')[0]!.inode, both.stat('a/x')!.inode);
});

test('everything in one folder, if no file is in two platforms', async () => {
  const tree = createMergedTree(parts({ 'bin/one': '1', etc: { dir: {} } }, { 'bin/two': '2' }));
  assert.equal(
    (await read(tree)).filter((line) => !line.endsWith('directory')),
    ['bin/one 1', 'bin/two 2'],
  );
  assert.is(tree.stat('nowhere'), undefined);
});

test('a file in two platforms is refused with its path', () => {
  const isRefused = (error: unknown) =>
    isMkimageError(error, 'usage') &&
    /`\/bin\/one` is in the images for linux_amd64 and linux_arm64/.test(error.message);
  assert.throws(() => createMergedTree(parts({ 'bin/one': '1' }, { 'bin/one': '1' })), isRefused);
  assert.throws(() => createMergedTree(parts({ 'bin/one': '1' }, { 'bin/one/x': '1' })), isRefused);
});

test.run();
