import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  copyTree,
  copyTreeSync,
  listHostNames,
  measureDiskBytes,
  readHostEntry,
  removeByDescriptor,
  setAttributes,
  setXattr,
  toDiskTime,
} from '../../../src/host/index.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: entries, copies and removal');
const root = tempDir('host-entry');
const never = new AbortController().signal;
const entryOf = (file: string) => readHostEntry(file, 'p', lstatSync(file, { bigint: true }));

function folder(name: string): string {
  mkdirSync(join(root, name));
  return join(root, name);
}

test('names are sorted by code units, and bytes that are no UTF-8 are kept', () => {
  const here = folder('names');
  for (const name of ['b', 'B', 'a.b', 'ü']) writeFileSync(join(here, name), '');
  writeFileSync(Buffer.concat([Buffer.from(`${here}/caf`), Buffer.of(0xe9)]), '');
  assert.equal(listHostNames(here), ['B', 'a.b', 'b', 'caf\udce9', 'ü']);
});

test('an entry has the size of a file, the target of a link, and whole seconds', () => {
  const here = folder('entries');
  writeFileSync(join(here, 'file'), 'four');
  chmodSync(join(here, 'file'), 0o4751);
  lutimesSync(join(here, 'file'), 5, 1_700_000_000.999);
  const file = entryOf(join(here, 'file'))!;
  assert.equal(
    [file.type, file.size, file.mode, file.mtime, file.inode],
    ['file', 4, 0o4751, 1_700_000_000, undefined],
  );
  symlinkSync('../to', join(here, 'link'));
  const link = entryOf(join(here, 'link'))!;
  assert.equal([link.type, link.size, link.linkname], ['symlink', 0, '../to']);
  const directory = entryOf(here)!;
  assert.equal([directory.type, directory.size, directory.inode], ['directory', 0, undefined]);
  assert.equal(entryOf('/dev/null')!.device, { major: 1, minor: 3 });
});

test('names of one inode say so, and a socket is no entry', async () => {
  const here = folder('links');
  writeFileSync(join(here, 'one'), '');
  linkSync(join(here, 'one'), join(here, 'two'));
  assert.type(entryOf(join(here, 'one'))!.inode, 'string');
  assert.is(entryOf(join(here, 'one'))!.inode, entryOf(join(here, 'two'))!.inode);
  const server = createServer().listen(join(here, 's'));
  await new Promise((settle) => server.once('listening', settle));
  assert.is(entryOf(join(here, 's')), undefined);
  await new Promise((settle) => server.close(settle));
});

test("a user's own attributes are told, and not those of overlayfs", () => {
  const file = join(folder('xattrs'), 'file');
  writeFileSync(file, '');
  assert.is(entryOf(file)!.xattrs, undefined);
  setXattr(file, 'user.overlay.opaque', Buffer.from('y'));
  assert.is(entryOf(file)!.xattrs, undefined);
  setXattr(file, 'user.b', Buffer.from([0, 255]));
  setXattr(file, 'user.a', Buffer.from('v'));
  assert.equal(Object.entries(entryOf(file)!.xattrs!), [
    ['user.a', 'dg=='],
    ['user.b', 'AP8='],
  ]);
});

test('attributes are set on a link itself, and times before 1970 are 1970', () => {
  const here = folder('attributes');
  writeFileSync(join(here, 'target'), '');
  const before = statSync(join(here, 'target')).mtimeMs;
  symlinkSync('target', join(here, 'link'));
  setAttributes(join(here, 'link'), { mtime: 1000 });
  assert.is(lstatSync(join(here, 'link')).mtimeMs, 1_000_000);
  assert.is(statSync(join(here, 'target')).mtimeMs, before);
  assert.equal([toDiskTime(-1), toDiskTime(0), toDiskTime(7)], [0, 0, 7]);
});

test('a copy has modes, times, links, hard links and holes, and follows no link', async () => {
  const from = folder('from');
  mkdirSync(join(from, 'sub'));
  writeFileSync(join(from, 'sub/file'), 'x');
  chmodSync(join(from, 'sub/file'), 0o640);
  lutimesSync(join(from, 'sub/file'), 5, 1_600_000_000);
  linkSync(join(from, 'sub/file'), join(from, 'again'));
  symlinkSync('/etc/hostname', join(from, 'link'));
  writeFileSync(join(from, 'holes'), '');
  truncateSync(join(from, 'holes'), 50_000_000);
  chmodSync(from, 0o710);
  await copyTree(from, join(root, 'to-later'), never);
  copyTreeSync(from, join(root, 'to-now'));
  for (const to of [join(root, 'to-later'), join(root, 'to-now')]) {
    const { mode, mtimeMs, ino } = lstatSync(join(to, 'sub/file'));
    assert.equal([mode & 0o777, mtimeMs], [0o640, 1_600_000_000_000]);
    assert.is(lstatSync(join(to, 'again')).ino, ino);
    assert.is(readlinkSync(join(to, 'link')), '/etc/hostname');
    assert.is(statSync(join(to, 'holes')).size, 50_000_000);
    assert.ok(measureDiskBytes(join(to, 'holes')) < 1_000_000);
    assert.is(statSync(to).mode & 0o777, 0o710);
  }
});

test('a copy of nothing, and one that is cancelled, fail', async () => {
  const failed = await copyTree(join(root, 'never'), join(root, 'to'), never).catch((error: unknown) => error);
  assert.match((failed as Error).message, /never/);
  assert.throws(() => copyTreeSync(join(root, 'never'), join(root, 'to')));
  const cancelled = await copyTree(join(root, 'names'), join(root, 'cancelled'), AbortSignal.abort()).catch(
    (error: unknown) => error,
  );
  assert.is((cancelled as Error).name, 'AbortError');
});

test('removing what is held follows no link and leaves no descriptor open', () => {
  const here = folder('held');
  mkdirSync(join(root, 'outside'));
  writeFileSync(join(root, 'outside/file'), 'stays');
  mkdirSync(join(here, 'a/b/c'), { recursive: true });
  writeFileSync(join(here, 'a/b/file'), '');
  symlinkSync(join(root, 'outside'), join(here, 'a/b/c/link'));
  writeFileSync(Buffer.concat([Buffer.from(`${here}/a/caf`), Buffer.of(0xe9)]), '');
  symlinkSync(join(root, 'outside'), join(root, 'root-link'));
  const before = readdirSync('/proc/self/fd').length;
  removeByDescriptor(here);
  removeByDescriptor(join(root, 'root-link'));
  removeByDescriptor(join(root, 'never-there'));
  assert.is(readdirSync('/proc/self/fd').length, before);
  assert.not(existsSync(here));
  assert.not(readdirSync(root).includes('root-link'));
  assert.is(readFileSync(join(root, 'outside/file'), 'utf8'), 'stays');
});

test('what cannot be removed is said, and no descriptor stays open', () => {
  const before = readdirSync('/proc/self/fd').length;
  assert.throws(
    () => removeByDescriptor('/proc/self/task'),
    (error: NodeJS.ErrnoException) => error.code !== undefined,
  );
  assert.is(readdirSync('/proc/self/fd').length, before);
});

test.run();
