import { chmodSync, cpSync, linkSync, mkdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileEntry } from '../../src/content/index.ts';
import { readChangesSince, takeManifest } from '../../src/snapshot/manifest.ts';
import { createPut, isMountPoint, refuseTooLong } from '../../src/snapshot/put.ts';
import { haveSameBytes } from '../../src/snapshot/same-bytes.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('snapshot: changes since a manifest');
const root = realpathSync(tempDir('manifest'));
let count = 0;

/** What a tree is a copy of, the tree, and its manifest. */
function copied() {
  const base = join(root, String(count++));
  const [origin, tree] = [join(base, 'origin'), join(base, 'tree')];
  mkdirSync(join(origin, 'd/sub'), { recursive: true });
  for (const name of ['a', 'd/file', 'd/sub/deep']) {
    writeFileSync(join(origin, name), `content of ${name}`);
    utimesSync(join(origin, name), 1000, 1000);
  }
  cpSync(origin, tree, { recursive: true, preserveTimestamps: true });
  const before = takeManifest(tree);
  const lines = (...exclude: readonly string[]) =>
    [...readChangesSince(before, tree, { origin, exclude: new Set(exclude) })].map((change) =>
      change.kind === 'delete' ? `- ${change.path}` : `+ ${change.entry.path}`,
    );
  return { tree, before, lines };
}

const entry = (path: string, type: FileEntry['type'], more: Partial<FileEntry> = {}): FileEntry => {
  return { path, type, mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0, ...more };
};

test('lists all that there is, and names by directory', () => {
  const { before } = copied();
  assert.equal([...before.entries.keys()].sort(), ['a', 'd', 'd/file', 'd/sub', 'd/sub/deep']);
  assert.equal(before.names.get(''), ['a', 'd']);
  assert.equal(before.names.get('d'), ['file', 'sub']);
});

test('an untouched tree has no changes, and writing the same content again makes none', () => {
  const { tree, lines } = copied();
  assert.equal(lines(), []);
  rmSync(join(tree, 'd/file'));
  writeFileSync(join(tree, 'd/file'), 'content of d/file');
  utimesSync(join(tree, 'd/file'), 1000, 1000);
  assert.equal(lines(), []);
});

test('another byte under the same size and time is a change, told after its directories', () => {
  const { tree, lines } = copied();
  rmSync(join(tree, 'd/sub/deep'));
  writeFileSync(join(tree, 'd/sub/deep'), 'CONTENT of d/sub/deep');
  utimesSync(join(tree, 'd/sub/deep'), 1000, 1000);
  assert.equal(lines(), ['+ d', '+ d/sub', '+ d/sub/deep']);
});

test('a removed directory is listed once, without its content', () => {
  const { tree, lines } = copied();
  rmSync(join(tree, 'd/sub'), { recursive: true });
  assert.equal(lines(), ['+ d', '- d/sub']);
  rmSync(join(tree, 'd'), { recursive: true });
  assert.equal(lines(), ['- d']);
});

test('added files and files with another mode are listed, sorted', () => {
  const { tree, lines } = copied();
  mkdirSync(join(tree, 'b'));
  writeFileSync(join(tree, 'b/new'), '');
  chmodSync(join(tree, 'a'), 0o600);
  assert.equal(lines(), ['+ a', '+ b', '+ b/new']);
});

test('a file in place of a directory, and a directory in place of a file, are told', () => {
  const { tree, lines } = copied();
  rmSync(join(tree, 'd'), { recursive: true });
  writeFileSync(join(tree, 'd'), '');
  rmSync(join(tree, 'a'));
  mkdirSync(join(tree, 'a'));
  writeFileSync(join(tree, 'a/inside'), '');
  assert.equal(lines(), ['+ a', '+ a/inside', '+ d']);
});

test('a new hard link is listed with the old name', () => {
  const { tree, lines } = copied();
  linkSync(join(tree, 'a'), join(tree, 'again'));
  assert.equal(lines(), ['+ a', '+ again']);
});

test('mount points that were made are left out while they are empty', () => {
  const { tree, lines } = copied();
  mkdirSync(join(tree, 'run/deep'), { recursive: true });
  writeFileSync(join(tree, 'run/deep/key'), '');
  assert.equal(lines('run/deep/key'), []);
  writeFileSync(join(tree, 'run/deep/other'), '');
  assert.equal(lines('run/deep/key'), ['+ run', '+ run/deep', '+ run/deep/other']);
});

test('the bytes of a hard link are given once, and those of anything but a file never', () => {
  const links = new Set<string>();
  const file = entry('a', 'file', { inode: '1:2', size: 3 });
  assert.equal(createPut('/x/a', file, links), {
    kind: 'put',
    entry: file,
    content: { kind: 'host', file: '/x/a', offset: 0, size: 3 },
  });
  const again = { ...file, path: 'b' };
  assert.equal(createPut('/x/b', again, links), { kind: 'put', entry: again });
  assert.equal(createPut('/x/d', entry('d', 'directory'), links), { kind: 'put', entry: entry('d', 'directory') });
  assert.equal([...links], ['1:2']);
});

test('a mount point is an empty file that was made, or a directory on the way to one', () => {
  const exclude = new Set(['run/key', 'proc']);
  const is = (...of: Parameters<typeof entry>) => isMountPoint(exclude, entry(...of));
  assert.equal([is('run/key', 'file'), is('run', 'directory'), is('proc', 'directory')], [true, true, true]);
  assert.equal(
    [is('run/key', 'file', { size: 1 }), is('run/other', 'file'), is('run/key', 'symlink')],
    [false, false, false],
  );
  assert.equal(
    [is('ru', 'directory'), is('proc/self', 'directory'), is('process', 'directory')],
    [false, false, false],
  );
});

test('a path of 4,095 bytes is taken, a longer one is refused and shown short', async () => {
  const of = (length: number, letter = 'n') => letter.repeat(length);
  refuseTooLong(`/r/${of(4092)}`, of(4092));
  const error = await refuses('step-failed', () => refuseTooLong(`/r/${of(4093)}`, of(4093)), /is too long/);
  assert.ok(error.message.length < 300);
  assert.match(error.hint ?? '', /4092 bytes/);
  refuseTooLong(`/${of(2047, 'é')}`, of(2047, 'é'));
  await refuses('step-failed', () => refuseTooLong(`/${of(2048, 'é')}`, of(2048, 'é')));
});

test('two files are the same if all their bytes are, also where a read ends', () => {
  const [one, other] = [join(root, 'one'), join(root, 'other')];
  for (const length of [0, 1, 65_535, 65_536, 65_537, 131_072]) {
    const bytes = Buffer.alloc(length, 'b');
    writeFileSync(one, bytes);
    writeFileSync(other, bytes);
    assert.ok(haveSameBytes(one, other), `${length}`);
    writeFileSync(other, Buffer.concat([bytes, Buffer.of(0)]));
    assert.not(haveSameBytes(one, other), `${length}`);
    assert.not(haveSameBytes(other, one), `${length}`);
    if (length === 0) continue;
    bytes[length - 1]! ^= 1;
    writeFileSync(other, bytes);
    assert.not(haveSameBytes(one, other), `${length}`);
  }
});

test.run();
