import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createStat, type Stat } from '../../../../src/daemon/buildkit/session/messages.ts';
import { ReceivedTree } from '../../../../src/daemon/buildkit/session/received-tree.ts';
import { isMkimageError } from '../../../../src/errors.ts';
import { tempDir } from '../../../support/temp.ts';

const DIRECTORY = 2 ** 31;
const LINK = 2 ** 27;
const test = suite('files that a client sends');

let count = 0;
function createFolder(): string {
  count += 1;
  const folder = join(tempDir('received'), String(count));
  mkdirSync(folder);
  return folder;
}

const directory = (path: string, mode = 0o755): Stat => createStat({ path, mode: DIRECTORY + mode });
const link = (path: string, linkname: string): Stat => createStat({ path, mode: LINK + 0o777, linkname });
const file = (path: string, size = 0): Stat => createStat({ path, mode: 0o644, size });

test('files, directories and links get their modes, times and targets', () => {
  const folder = createFolder();
  using tree = new ReceivedTree(folder);
  const modified = 1_600_000_000_123_456_789n;
  tree.add(0, { ...directory('d', 0o555), modified });
  assert.ok(tree.add(1, { ...file('d/f', 5), mode: 2 ** 23 + 0o751, modified }));
  assert.not(tree.add(2, link('d/l', '/etc/passwd')));
  assert.not(tree.add(3, createStat({ path: 'h', mode: 0o751, linkname: 'd/f' })));
  tree.write(1, Buffer.from('he'));
  tree.write(1, Buffer.from('llo'));
  assert.not(tree.isComplete);
  tree.write(1, Buffer.alloc(0));
  assert.ok(tree.isComplete);
  tree.finish();
  const made = lstatSync(join(folder, 'd/f'), { bigint: true });
  assert.equal([Number(made.mode) & 0o7777, made.mtimeNs, made.nlink], [0o4751, modified, 2n]);
  assert.is(readFileSync(join(folder, 'h'), 'utf8'), 'hello');
  assert.is(readlinkSync(join(folder, 'd/l')), '/etc/passwd');
  const parent = lstatSync(join(folder, 'd'), { bigint: true });
  assert.equal([Number(parent.mode) & 0o777, parent.mtimeNs], [0o555, modified]);
});

refuses('an absolute path', [file('/tmp/x')]);
refuses('a path that leads up', [file('../x')]);
refuses('a path that leads up within', [directory('a'), file('a/../../x')]);
refuses('a dot', [file('a/./x')]);
refuses('an empty path', [file('')]);
refuses('an empty name', [directory('a'), file('a//x')]);
refuses('a zero byte', [file('a\0b')]);
refuses('a name that is too long', [file('a'.repeat(256))]);
refuses('a file below a link', [link('a', '/tmp'), file('a/x')]);
refuses('a file below a file', [file('a'), file('a/x')]);
refuses('a file without its directory', [file('a/x')]);
refuses('the same path twice', [file('a'), link('a', '/etc/passwd')]);
refuses('a file in the place of a link', [link('a', '/etc/passwd'), file('a')]);
refuses('a hard link to what was not sent', [createStat({ path: 'a', mode: 0o644, linkname: '../../etc/passwd' })]);
refuses('a hard link to a link', [link('a', '/etc/passwd'), createStat({ path: 'b', mode: 0o644, linkname: 'a' })]);
refuses('a device', [createStat({ path: 'a', mode: 2 ** 26 + 2 ** 21 + 0o666, major: 1, minor: 3 })]);
refuses('a mode that nobody has', [createStat({ path: 'a', mode: 2 ** 31 + 2 ** 27 })]);

test('data that was not asked for, or of another size, is refused', () => {
  using tree = new ReceivedTree(createFolder());
  assert.throws(() => tree.write(0, Buffer.from('x')), isRefusal);
  tree.add(0, file('a', 3));
  assert.throws(() => tree.write(0, Buffer.from('four')), isRefusal);
  tree.add(1, file('b', 3));
  tree.write(1, Buffer.from('2b'));
  assert.throws(() => tree.write(1, Buffer.alloc(0)), isRefusal);
});

test.run();

function refuses(what: string, stats: readonly Stat[]): void {
  test(`refuses ${what}`, () => {
    const folder = createFolder();
    using tree = new ReceivedTree(folder);
    const [last, ...first] = stats.toReversed();
    first.reverse().forEach((stat, id) => {
      tree.add(id, stat);
    });
    assert.throws(() => tree.add(first.length, last!), isRefusal);
    assert.not(existsSync(join(folder, '../x')));
  });
}

function isRefusal(error: unknown): boolean {
  return isMkimageError(error, 'usage') || isMkimageError(error, 'unsupported');
}
