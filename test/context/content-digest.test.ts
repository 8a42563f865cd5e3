import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diffListings } from '../../src/cache/listing-diff.ts';
import type { FileEntry } from '../../src/content/index.ts';
import { listSelections, type Selection } from '../../src/context/content-digest.ts';
import { contentOfBytes, EntryTree } from '../../src/context/entry-tree.ts';

const test = suite('listings of what is copied');

const base = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 };
const directory = (path: string, more: Partial<FileEntry> = {}): FileEntry => ({
  ...base,
  path,
  type: 'directory',
  mode: 0o755,
  ...more,
});

/** A tree of files (path to content); entries override what they are. */
function treeOf(files: Record<string, string>, more: Record<string, Partial<FileEntry>> = {}): EntryTree {
  const tree = new EntryTree(directory('', more['']));
  for (const [path, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    tree.put({ ...base, path, type: 'file', size: bytes.length, ...more[path] }, contentOfBytes(bytes));
  }
  return tree;
}

const all: readonly Selection[] = [{ path: '', name: '' }];
const textOf = async (tree: EntryTree, selections = all, owners = false) =>
  (await listSelections(tree, selections, { owners })).text.toString();

/** Whether two trees are the same to a key. */
async function same(a: EntryTree, b: EntryTree, selections = all, owners = false): Promise<boolean> {
  return (await textOf(a, selections, owners)) === (await textOf(b, selections, owners));
}

test('has a line for each entry, the name last', async () => {
  const { text, files } = await listSelections(treeOf({ 'b.txt': 'x', a: 'y' }), all, { owners: false });
  assert.equal(
    text
      .toString()
      .split('\n')
      .map((line) => line.split('\t').at(-1)),
    ['', 'a', 'b.txt', ''],
  );
  assert.is(files, 2);
});

test('times do not count, nor do owners in a context', async () => {
  const a = treeOf({ f: 'x' }, { f: { mtime: 1, uid: 5, gid: 6 } });
  assert.ok(await same(a, treeOf({ f: 'x' })));
  assert.not(await same(a, treeOf({ f: 'x' }), all, true));
});

test('content, mode, type, target, attributes and links count', async () => {
  const plain = treeOf({ f: 'x', g: 'x' });
  const symlink = (linkname: string) => {
    const tree = treeOf({ g: 'x' });
    tree.put({ ...base, path: 'f', type: 'symlink', linkname }, undefined);
    return tree;
  };
  const others = [
    treeOf({ f: 'y', g: 'x' }),
    treeOf({ f: 'x', g: 'x' }, { f: { mode: 0o755 } }),
    treeOf({ f: 'x', g: 'x' }, { f: { xattrs: { 'user.a': 'AA==' } } }),
    treeOf({ f: 'x', g: 'x' }, { f: { inode: '1' }, g: { inode: '1' } }),
    treeOf({ f: 'x', g: 'x', h: '' }),
    treeOf({ f: 'x' }),
    treeOf({ f: 'x', G: 'x' }),
    treeOf({ f: 'x', g: 'x' }, { '': { mode: 0o700 } }),
    symlink('g'),
    symlink('./g'),
  ];
  const texts = await Promise.all([plain, ...others].map((tree) => textOf(tree)));
  assert.is(new Set(texts).size, texts.length);
});

test('a hard link whose partner is not copied is a file like others', async () => {
  const linked = treeOf({ f: 'x', g: 'x' }, { f: { inode: '1' }, g: { inode: '1' } });
  assert.ok(await same(linked, treeOf({ f: 'x', g: 'y' }), [{ path: 'f' }]));
});

test('only what a selection accepts is listed, under the name that it has there', async () => {
  const tree = treeOf({});
  tree.put(directory('src'), undefined);
  tree.put(directory('src/sub'), undefined);
  for (const path of ['src/a.c', 'src/a.o', 'src/sub/b.c']) {
    tree.put({ ...base, path, type: 'file', size: 1 }, contentOfBytes(Buffer.from(path)));
  }
  const text = await textOf(tree, [{ path: 'src', name: 'here', accepts: ({ path }) => path.endsWith('.c') }]);
  assert.equal(
    text
      .toString()
      .split('\n')
      .map((line) => line.split('\t').at(-1)),
    ['here', 'here/a.c', 'here/sub/b.c', ''],
  );
});

test('the order of selections counts, and one that does not exist adds nothing', async () => {
  const tree = treeOf({ a: '1', b: '2' });
  assert.is.not(await textOf(tree, [{ path: 'a' }, { path: 'b' }]), await textOf(tree, [{ path: 'b' }, { path: 'a' }]));
  assert.is(await textOf(tree, [{ path: 'missing' }]), '');
});

test('no two trees run together, whatever their names hold', async () => {
  const unit = fc.constantFrom('a', 'b', '\n', '\t', '\\', '\udc80', '\udc81', '\ufffd', 'é', '\u{1f600}', 'u000a');
  const name = fc.string({ unit, minLength: 1, maxLength: 4 });
  const files = fc.dictionary(name, fc.constantFrom('', 'x'), { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(files, files, async (a, b) => {
      const canonical = (map: Record<string, string>) => JSON.stringify(Object.entries(map).sort());
      const [first, second] = [
        await listSelections(treeOf(a), all, { owners: false }),
        await listSelections(treeOf(b), all, { owners: false }),
      ];
      assert.is(first.digest === second.digest, canonical(a) === canonical(b));
      assert.is(first.text.toString().split('\n').length, Object.keys(a).length + 2);
    }),
    { numRuns: 500 },
  );
});

test('two listings can be compared by those who explain a miss', async () => {
  const before = Buffer.from(await textOf(treeOf({ a: '1', b: '1', c: '1' })));
  const now = Buffer.from(await textOf(treeOf({ a: '1', b: '2', d: '1' })));
  assert.is(diffListings(before, now), '1 of 3 files: b; new: d; gone: c');
});

test('a difference in the midst of equal lines is found, another order is none', () => {
  const lines = (...names: string[]) => Buffer.from(names.map((name) => `file\t${name}\n`).join(''));
  assert.is(diffListings(lines('a', 'b', 'd'), lines('a', 'b', 'c', 'd')), 'new: c');
  assert.is(diffListings(lines('a', 'b', 'c'), lines('a')), 'gone: b, c');
  assert.is(diffListings(lines('a', 'b'), lines('b', 'a')), undefined);
});

test('what differs between listings is found wherever it is', async () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'aa', 'ba', 'b', 'ab', 'bb', 'c'), { maxLength: 7 });
  const lines = (files: readonly string[], text: string) =>
    Buffer.from(files.map((name) => `file\t${text}\t${name}\n`).join(''));
  await fc.assert(
    fc.property(names, names, fc.constantFrom('x', 'xx'), (before, now, text) => {
      const said = diffListings(lines([...before].sort(), 'x'), lines([...now].sort(), text)) ?? '';
      const added = now.filter((name) => !before.includes(name));
      const gone = before.filter((name) => !now.includes(name));
      assert.is(said.includes('new: '), added.length > 0);
      assert.is(said.includes('gone: '), gone.length > 0);
      assert.is(said.includes(' of '), text !== 'x' && added.length < now.length);
      if (added.length > 0 && added.length <= 3) assert.ok(said.includes(`new: ${added.sort().join(', ')}`));
    }),
    { numRuns: 1000 },
  );
});

test.run();
