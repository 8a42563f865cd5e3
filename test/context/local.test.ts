import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileTree } from '../../src/content/index.ts';
import type { BuildContext } from '../../src/context/index.ts';
import { type LocalContextOptions, openLocalContext } from '../../src/context/local/local.ts';
import { isMkimageError } from '../../src/errors.ts';
import { type Call, createQuietCall } from '../../src/progress.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('local context');
const root = tempDir('local-context');
let count = 0;

/** A directory with these files: path to content, `undefined` for a directory. */
function folder(files: Record<string, string | undefined>): string {
  const directory = join(root, `c${count++}`);
  mkdirSync(directory);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(content === undefined ? join(directory, path) : dirname(join(directory, path)), { recursive: true });
    if (content !== undefined) writeFileSync(join(directory, path), content);
  }
  return directory;
}

function open(directory: string, ignore?: string, more: Partial<LocalContextOptions> = {}): BuildContext {
  const ignoreFile = ignore === undefined ? undefined : { name: '.dockerignore', text: ignore };
  return openLocalContext({ directory, ignoreFile, statCacheFile: undefined, ...more });
}

async function scanned(directory: string, ignore?: string): Promise<FileTree> {
  return open(directory, ignore).scan([''], createQuietCall());
}

function pathsIn(tree: FileTree, from = ''): string[] {
  return tree.list(from).flatMap((entry) => [entry.path, ...pathsIn(tree, entry.path)]);
}

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

test('lists a directory with everything belonging to root, and whole seconds', async () => {
  const directory = folder({ 'a/b.txt': 'hello', 'a/empty': undefined });
  chmodSync(join(directory, 'a/b.txt'), 0o4750);
  utimesSync(join(directory, 'a/b.txt'), 1700000000.9, 1700000000.9);
  const tree = await scanned(directory);
  assert.equal(pathsIn(tree), ['a', 'a/b.txt', 'a/empty']);
  assert.equal(tree.stat('a/b.txt'), {
    ...{ path: 'a/b.txt', type: 'file', mode: 0o4750, uid: 0, gid: 0, size: 5, mtime: 1700000000 },
  });
  const location = await tree.locate('a/b.txt');
  assert.equal(location, { kind: 'host', file: join(directory, 'a/b.txt'), offset: 0, size: 5, isExact: true });
  assert.is(tree.digest('a/b.txt'), sha256('hello'));
});

test('a small file that was hashed is copied as it was then; not one that is too large to be held', async () => {
  const large = 'x'.repeat(20_000);
  const directory = folder({ small: 'hello', large });
  const tree = await scanned(directory);
  for (const name of ['small', 'large']) await tree.digest(name);
  for (const name of ['small', 'large']) writeFileSync(join(directory, name), 'other');
  assert.equal(await tree.locate('small'), { kind: 'bytes', bytes: Buffer.from('hello') });
  const location = await tree.locate('large');
  assert.equal(location, { kind: 'host', file: join(directory, 'large'), offset: 0, size: 20_000, isExact: true });
});

test('files are held only up to eight megabytes', async () => {
  const size = 16_000;
  const directory = folder(
    Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`f${index}`, `${index}`.padEnd(size)])),
  );
  const tree = await scanned(directory);
  const entries = tree.list('');
  for (const { path } of entries) await tree.digest(path);
  const held: Buffer[] = [];
  for (const { path } of entries) {
    const location = await tree.locate(path);
    if (location.kind !== 'bytes') continue;
    assert.is(Buffer.from(location.bytes).toString(), path.slice(1).padEnd(size));
    held.push(Buffer.from(location.bytes));
  }
  assert.ok(held.length > 500 && held.length * size <= 8 << 20, `${held.length}`);
});

test('the root is a directory, and what is not there is not there', async () => {
  const tree = await scanned(folder({ a: '' }));
  assert.is(tree.stat('')?.type, 'directory');
  for (const path of ['b', 'a/b', '..', '../a', 'a/..', '.', '/a', 'a/']) assert.is(tree.stat(path), undefined, path);
  assert.throws(
    () => tree.digest('b'),
    (error: unknown) => isMkimageError(error, 'not-found'),
  );
  assert.equal(tree.list('a'), []);
});

test('a symlink is what stands in it and is never followed', async () => {
  const directory = folder({ 'real/file': 'x' });
  symlinkSync('/etc', join(directory, 'outside'));
  symlinkSync('real', join(directory, 'inside'));
  const tree = await scanned(directory);
  assert.is(tree.stat('outside')?.linkname, '/etc');
  assert.is(tree.stat('outside/passwd'), undefined);
  assert.is(tree.stat('inside/file'), undefined);
  assert.equal(tree.list('inside'), []);
});

test('the directory itself may be reached through a symlink', async () => {
  const directory = folder({ a: 'x' });
  symlinkSync(directory, join(root, 'link-to-context'));
  assert.equal(pathsIn(await scanned(join(root, 'link-to-context'))), ['a']);
});

test('hard links share an inode, others have none', async () => {
  const directory = folder({ a: 'x', c: 'y' });
  linkSync(join(directory, 'a'), join(directory, 'b'));
  const tree = await scanned(directory);
  assert.ok(tree.stat('a')?.inode);
  assert.is(tree.stat('a')?.inode, tree.stat('b')?.inode);
  assert.is(tree.stat('c')?.inode, undefined);
});

withNeeds(test, { programs: ['mkfifo'] })('a fifo is a fifo, and a socket counts as an empty file', async () => {
  const directory = folder({});
  execFileSync('mkfifo', [join(directory, 'fifo')]);
  const server = createServer().listen(join(directory, 'socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const tree = await scanned(directory);
    assert.is(tree.stat('fifo')?.type, 'fifo');
    assert.is(tree.stat('socket')?.type, 'file');
    assert.is(tree.digest('socket'), sha256(''));
    assert.equal(await tree.locate('socket'), { kind: 'bytes', bytes: new Uint8Array() });
  } finally {
    server.close();
  }
});

withNeeds(test, { root: true, programs: ['mknod'] })('a device keeps its numbers', async () => {
  const directory = folder({});
  execFileSync('mknod', [join(directory, 'null'), 'c', '259', '70000']);
  assert.equal((await scanned(directory)).stat('null')?.device, { major: 259, minor: 70000 });
});

test('names that are not UTF-8 are kept byte by byte', async () => {
  const directory = folder({});
  const odd = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x66, 0xff])]);
  mkdirSync(odd);
  writeFileSync(Buffer.concat([odd, Buffer.from('/x\xfe', 'latin1')]), 'odd');
  symlinkSync(Buffer.from([0x66, 0xff]), join(directory, 'link'));
  writeFileSync(join(directory, '\ufffd'), 'a real replacement character');
  const tree = await scanned(directory);
  assert.equal(pathsIn(tree), ['f\udcff', 'f\udcff/x\udcfe', 'link', '\ufffd']);
  assert.is(tree.stat('link')?.linkname, 'f\udcff');
  const location = await tree.locate('f\udcff/x\udcfe');
  assert.equal(location, { kind: 'host', file: `${directory}/f\udcff/x\udcfe`, offset: 0, size: 3, isExact: true });
  assert.is(tree.digest('f\udcff/x\udcfe'), sha256('odd'));
});

test('nothing that is ignored is seen, and an ignored directory only if something in it is', async () => {
  const directory = folder({ 'a/keep/x': '', 'a/drop': '', 'b/y': '', 'c.log': '', 'd/e/c.log': '', 'empty/x': '' });
  const tree = await scanned(directory, 'a\n!a/keep\nb\n**/*.log\nempty\n!empty/nothing');
  assert.equal(pathsIn(tree), ['a', 'a/keep', 'a/keep/x', 'd', 'd/e']);
  assert.is(tree.stat('a/drop'), undefined);
  assert.is(tree.stat('b/y'), undefined);
});

test('an ignored directory is not even opened', async () => {
  const directory = folder({ 'node_modules/x/index.js': '', a: '' });
  const context = open(directory, 'node_modules\n!dist/keep');
  rmSync(join(directory, 'node_modules'), { recursive: true });
  writeFileSync(join(directory, 'node_modules'), 'no directory any more');
  assert.equal(pathsIn(await context.scan([''], createQuietCall())), ['a']);
});

test('says which line hides a path', async () => {
  const context = open(folder({ 'target/app.jar': '', 'seen.jar': '' }), '# build\ntarget\n!seen.jar\n');
  assert.equal(context.ignoredBy('target/app.jar'), { file: '.dockerignore', line: 2, pattern: 'target' });
  assert.equal(context.ignoredBy('/target/'), { file: '.dockerignore', line: 2, pattern: 'target' });
  assert.is(context.ignoredBy('target/missing'), undefined);
  assert.is(context.ignoredBy('seen.jar'), undefined);
  assert.is(context.ignoredBy('nothing'), undefined);
});

test('knows paths that look like a missing one, and none that is ignored', async () => {
  const context = open(folder({ 'target/app.jar': '', 'old/app.jar': '', 'package.json': '' }), 'old');
  assert.equal(await context.similar('app.jar'), ['target/app.jar']);
  assert.equal(await context.similar('pakage.json'), ['package.json']);
  assert.equal(await context.similar('nothing-like-it'), []);
});

test('a scan lists only what it was asked for, and the rest when it is needed', async () => {
  const directory = folder({ 'a/x': '', 'b/y': '' });
  const context = open(directory);
  const tree = await context.scan(['a'], createQuietCall());
  rmSync(join(directory, 'b'), { recursive: true });
  mkdirSync(join(directory, 'a/late'));
  assert.equal(pathsIn(tree, 'a'), ['a/x'], 'a was listed already');
  assert.equal(tree.list('b'), [], 'b is listed only now');
});

test('a scan ends when its signal fires', async () => {
  const call: Call = { signal: AbortSignal.abort(), report: () => {} };
  try {
    await open(folder({ a: '' })).scan([''], call);
    assert.unreachable();
  } catch (error) {
    assert.ok(isMkimageError(error, 'cancelled'));
  }
});

test('a context that is no directory is an error', () => {
  const directory = folder({ file: '' });
  for (const path of [join(directory, 'missing'), join(directory, 'file')]) {
    assert.throws(
      () => open(path),
      (error: unknown) => isMkimageError(error, 'not-found'),
    );
  }
});

test('a file that became a symlink or grew since it was listed is not read as what it was', async () => {
  const directory = folder({ a: 'x', b: 'short' });
  const statCacheFile = join(root, 'swap.stat');
  utimesSync(join(directory, 'b'), 1, 1);
  const tree = await open(directory, undefined, { statCacheFile }).scan([''], createQuietCall());
  rmSync(join(directory, 'a'));
  symlinkSync('/etc/passwd', join(directory, 'a'));
  assert.throws(
    () => tree.digest('a'),
    (error: unknown) => isMkimageError(error, 'source-missing'),
  );
  writeFileSync(join(directory, 'b'), 'much longer than it was');
  assert.is(tree.digest('b'), sha256('much longer than it was'));
});

test('large files are hashed in turns to the same digest', async () => {
  const directory = folder({});
  const bytes = Buffer.alloc(9 * 1024 * 1024 + 7, 'abc');
  writeFileSync(join(directory, 'big'), bytes);
  const digest = (await scanned(directory)).digest('big');
  assert.instance(digest, Promise);
  assert.is(await digest, `sha256:${createHash('sha256').update(bytes).digest('hex')}`);
});

/** Gives all files times long ago, as they have in a project that was not edited this very moment. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 150));
}

test('an unchanged file is not read again in the next build', async () => {
  const directory = folder({ a: 'one', b: 'two' });
  const statCacheFile = join(root, 'stats', 'unchanged.stat');
  await settle();
  const first = open(directory, undefined, { statCacheFile });
  const tree = await first.scan([''], createQuietCall());
  assert.is(tree.digest('a'), sha256('one'));
  assert.is(tree.digest('b'), sha256('two'));
  first.save();
  chmodSync(statCacheFile, 0o400);
  // The content is swapped below the cache's feet by putting back everything that a stat shows, save the ctime: b is read again.
  const times = statSync(join(directory, 'b'));
  writeFileSync(join(directory, 'b'), 'owt');
  utimesSync(join(directory, 'b'), times.atime, times.mtime);
  const second = await open(directory, undefined, { statCacheFile }).scan([''], createQuietCall());
  assert.is(second.digest('b'), sha256('owt'));
  assert.is(second.digest('a'), sha256('one'));
});

test('a file changed just before it was read is read again', async () => {
  const directory = folder({ a: 'one' });
  const statCacheFile = join(root, 'stats', 'racy.stat');
  const first = open(directory, undefined, { statCacheFile });
  const tree = await first.scan([''], createQuietCall());
  writeFileSync(join(directory, 'a'), 'two');
  tree.digest('a');
  first.save();
  assert.throws(() => readFileSync(statCacheFile), 'there was nothing to be trusted, so nothing was saved');
});

test('extended attributes are read once and remembered with the digest', async () => {
  const directory = folder({ a: 'one', b: 'two' });
  const statCacheFile = join(root, 'stats', 'xattrs.stat');
  lutimesSync(join(directory, 'a'), 1, 1);
  await settle();
  const asked: string[] = [];
  const readXattrs = (file: string | Buffer): Record<string, string> => {
    asked.push(basename(String(file)));
    return String(file).endsWith('/a') ? { 'user.x': 'AAE=' } : {};
  };
  for (const expected of [['a', 'b'], []]) {
    const context = open(directory, undefined, { statCacheFile, readXattrs });
    const tree = await context.scan([''], createQuietCall());
    assert.equal(tree.stat('a')?.xattrs, { 'user.x': 'AAE=' });
    assert.is(tree.stat('b')?.xattrs, undefined);
    await tree.digest('a');
    context.save();
    assert.equal(asked.splice(0), expected);
  }
});

test('an unreadable directory is an error only if it is not ignored', async () => {
  const directory = folder({ 'secret/x': '', a: '' });
  chmodSync(join(directory, 'secret'), 0);
  chmodSync(join(directory, '..'), 0o755);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(12345);
  try {
    assert.equal(pathsIn(await scanned(directory, 'secret\n!secret/x')), ['a']);
    const error = await scanned(directory).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(isMkimageError(error, 'source-missing'));
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test.run();
