import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileEntry, FileTree } from '../../src/content/index.ts';
import { realChanges } from '../../src/executor/copy/drop-unchanged.ts';
import { EMPTY_TREE } from '../../src/executor/copy/empty-tree.ts';
import { Staging } from '../../src/executor/copy/staging.ts';
import type { Change } from '../../src/layer/index.ts';
import { treeOf } from '../support/tree-of.ts';

const test = suite('a layer in the making');

const base = { mode: 0o644, uid: 0, gid: 0, mtime: 1_000 };
const file = (path: string, size = 1, more: Partial<FileEntry> = {}): FileEntry => ({
  ...base,
  path,
  type: 'file',
  size,
  ...more,
});
const directory = (path: string, more: Partial<FileEntry> = {}): FileEntry => ({
  ...base,
  path,
  type: 'directory',
  mode: 0o755,
  size: 0,
  ...more,
});
const bytes = (text: string) => ({ kind: 'bytes', bytes: Buffer.from(text) }) as const;
const names = (tree: FileTree, path = '') => tree.list(path).map((entry) => entry.path);
const shown = (changes: readonly Change[]) =>
  changes.map((change) =>
    change.kind === 'delete' ? `- ${change.path}` : `+ ${change.entry.path}${change.opaque ? ' opaque' : ''}`,
  );

test('without an edit changes nothing and shows its base', () => {
  const staging = new Staging(treeOf({ 'a/b': 'x' }));
  assert.equal([[...staging.changes()], names(staging), names(staging, 'a')], [[], ['a'], ['a/b']]);
});

test('shows what was put beside what was there', () => {
  const staging = new Staging(treeOf({ 'd/b': 'x' }));
  staging.put(file('d/a'), bytes('y'));
  staging.put(file('d/c'));
  assert.equal(names(staging, 'd'), ['d/a', 'd/b', 'd/c']);
  assert.is(staging.stat('d/a')?.type, 'file');
  assert.equal(staging.locate('d/a'), bytes('y'));
});

test('repeats directories on the way to a change, parents first', () => {
  const staging = new Staging(treeOf({ 'a/b/c': 'x' }));
  staging.put(file('a/b/d'), bytes('y'));
  const changes = [...staging.changes()];
  assert.equal(shown(changes), ['+ a', '+ a/b', '+ a/b/d']);
  assert.is(changes[0]?.kind === 'put' && changes[0].entry.mode, 0o755);
});

test('keeps what is in a directory that is put over one', () => {
  const staging = new Staging(treeOf({ 'd/old': 'x' }));
  staging.put(directory('d', { mode: 0o700 }));
  assert.equal(names(staging, 'd'), ['d/old']);
  assert.is(staging.stat('d')?.mode, 0o700);
});

test('hides all that was in a directory of which a file takes the place', () => {
  const staging = new Staging(treeOf({ 'd/old': 'x', e: 'x' }));
  staging.put(file('d'), bytes('y'));
  assert.equal([staging.stat('d/old'), names(staging, 'd')], [undefined, []]);
  assert.equal(shown([...staging.changes()]), ['+ d']);
});

test('shows nothing of the base in a directory that took the place of another after it was removed', () => {
  const staging = new Staging(treeOf({ 'd/old': 'x' }));
  staging.remove('d');
  staging.put(directory('d'));
  staging.put(file('d/new'), bytes('y'));
  assert.equal(names(staging, 'd'), ['d/new']);
  assert.equal(shown([...staging.changes()]), ['+ d opaque', '+ d/new']);
});

test('deletes what the base has, and forgets what it has not', () => {
  const staging = new Staging(treeOf({ 'd/a': 'x', 'd/b': 'x' }));
  staging.remove('d/a');
  staging.put(file('d/new'), bytes('y'));
  staging.remove('d/new');
  staging.remove('never');
  assert.equal([names(staging, 'd'), shown([...staging.changes()])], [['d/b'], ['+ d', '- d/a']]);
});

test('forgets all below what it removes', () => {
  const staging = new Staging(EMPTY_TREE);
  for (const entry of [directory('d'), directory('d/e'), file('d/e/f')]) staging.put(entry);
  staging.remove('d');
  assert.equal([names(staging), staging.stat('d/e/f'), [...staging.changes()]], [[], undefined, []]);
});

test('gives names of one file the same inode', () => {
  const staging = new Staging(EMPTY_TREE);
  staging.put(file('a'), bytes('x'));
  staging.link(staging.stat('a')!, 'b', bytes('x'));
  assert.ok(staging.stat('a')?.inode !== undefined);
  assert.is(staging.stat('a')?.inode, staging.stat('b')?.inode);
});

test('of an empty root has that alone', () => {
  assert.equal([EMPTY_TREE.stat('')?.type, EMPTY_TREE.stat('a'), EMPTY_TREE.list('')], ['directory', undefined, []]);
  assert.throws(() => EMPTY_TREE.locate('a'), /has no a/);
  assert.throws(() => EMPTY_TREE.digest('a'), /has no a/);
});

// What is there already the same is not shipped twice.

async function real(
  sketch: Parameters<typeof treeOf>[0],
  puts: readonly (readonly [FileEntry, string?])[],
  epoch?: number,
): Promise<readonly string[]> {
  const below = treeOf(sketch);
  const staging = new Staging(below);
  for (const [entry, text] of puts) staging.put(entry, text === undefined ? undefined : bytes(text));
  return shown([...(await realChanges(staging, below, epoch))]);
}

test('drops a file that is there the same', async () => {
  assert.equal(await real({ a: 'x' }, [[file('a'), 'x']]), []);
});

test('keeps a file that differs in content, mode, owner, time or length', async () => {
  const kept: readonly (readonly [FileEntry, string])[] = [
    [file('a'), 'y'],
    [file('a', 1, { mode: 0o600 }), 'x'],
    [file('a', 1, { uid: 7 }), 'x'],
    [file('a', 1, { mtime: 5 }), 'x'],
    [file('a', 2), 'xx'],
  ];
  for (const put of kept) assert.equal(await real({ a: 'x' }, [put]), ['+ a'], JSON.stringify(put));
});

test('drops a directory that is there the same, and keeps what is new in it', async () => {
  assert.equal(await real({ 'd/a': 'x' }, [[directory('d')]]), []);
  assert.equal(await real({ 'd/a': 'x' }, [[directory('d')], [file('d/a'), 'x'], [file('d/b'), 'y']]), [
    '+ d',
    '+ d/b',
  ]);
});

test('compares times as they will stand in the layer', async () => {
  const later = file('a', 1, { mtime: 5_000 });
  assert.equal(await real({ a: 'x' }, [[later, 'x']], 1_000), []);
  assert.equal(await real({ a: 'x' }, [[later, 'x']], 2_000), ['+ a']);
});

test('keeps all names of a file together when one of them is new or other', async () => {
  const linked = (path: string) => file(path, 1, { inode: 'i' });
  const both = { a: { text: 'x', inode: 'n' }, b: { text: 'x', inode: 'n' } };
  assert.equal(
    await real(both, [
      [linked('a'), 'x'],
      [linked('b'), 'x'],
    ]),
    [],
  );
  assert.equal(
    await real(both, [
      [linked('a'), 'x'],
      [linked('c'), 'x'],
    ]),
    ['+ a', '+ c'],
  );
  assert.equal(
    await real({ a: 'x', b: 'x' }, [
      [linked('a'), 'x'],
      [linked('b'), 'x'],
    ]),
    ['+ a', '+ b'],
  );
  assert.equal(
    await real({ ...both, b: { text: 'y', inode: 'n' } }, [
      [linked('a'), 'x'],
      [linked('b'), 'x'],
    ]),
    ['+ a', '+ b'],
  );
});

test('drops no file that another kind of object is in the place of', async () => {
  assert.equal(await real({ a: { link: 'b' } }, [[file('a'), 'x']]), ['+ a']);
  assert.equal(await real({ 'a/b': 'x' }, [[file('a'), 'x']]), ['+ a']);
});

test.run();
