import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ancestorsOf,
  cleanPath,
  comparePaths,
  copyContent,
  createMemoryContent,
  type FileEntry,
  joinPath,
  nameOf,
  parentOf,
  readChunks,
  readFully,
  resolveInTree,
  verifyStream,
  walkTree,
} from '../../src/content/index.ts';
import { isMkimageError, MkimageError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall, type ProgressEvent } from '../../src/progress.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('content');

const describe = (text: string) => ({ mediaType: 'text/plain', digest: digestOf(text), size: Buffer.byteLength(text) });

async function rejects(promise: Promise<unknown>, code: 'integrity' | 'not-found' | 'cancelled'): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assert.ok(isMkimageError(error, code), String(error));
    return;
  }
  assert.unreachable('it should have failed');
}

test('passes the right bytes through unchanged', async () => {
  assert.is(String(await buffer(verifyStream(Readable.from(['he', 'llo']), describe('hello')))), 'hello');
  assert.is((await buffer(verifyStream(Readable.from([]), describe('')))).length, 0);
});

test('fails on other bytes, too few and too many', async () => {
  await rejects(buffer(verifyStream(Readable.from(['hellO']), describe('hello'))), 'integrity');
  await rejects(buffer(verifyStream(Readable.from(['hell']), describe('hello'))), 'integrity');
  await rejects(buffer(verifyStream(Readable.from(['hello', '!']), describe('hello'))), 'integrity');
});

test('stops reading as soon as there is more than was promised', async () => {
  let given = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(64 << 10, given++);
    })(),
  );
  await rejects(buffer(verifyStream(endless, describe('hello'))), 'integrity');
  assert.ok(given < 100);
  assert.ok(endless.destroyed);
});

test('hands on the failure of the source', async () => {
  const source = new Readable({ read: () => source.destroy(new Error('line cut')) });
  await buffer(verifyStream(source, describe('hello'))).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'line cut'),
  );
});

test('copies a blob once and verifies it', async () => {
  const from = createMemoryContent();
  const to = createMemoryContent();
  const descriptor = from.add('text/plain', 'hello');
  assert.is(await copyContent(descriptor, { from, to }, createQuietCall()), true);
  assert.is(await copyContent(descriptor, { from, to }, createQuietCall()), false);
  assert.is(String(to.blobs.get(descriptor.digest)), 'hello');
  await rejects(copyContent(describe('other'), { from, to }, createQuietCall()), 'not-found');
  await rejects(
    copyContent(
      { ...descriptor, digest: digestOf('x') },
      { from: { open: (_, call) => from.open(descriptor, call) }, to },
      createQuietCall(),
    ),
    'integrity',
  );
});

test('a copy reports each mebibyte and its end, and nothing if the blob is there', async () => {
  const [from, to] = [createMemoryContent(), createMemoryContent()];
  const descriptor = from.add('a', Buffer.alloc(5 << 19, 1));
  const events: ProgressEvent[] = [];
  const call = { ...createQuietCall(), report: (event: ProgressEvent) => void events.push(event) };
  // In pieces of half a mebibyte.
  const pieces = {
    open: async () =>
      Readable.from(
        [0, 1, 2, 3, 4].map(() => Buffer.alloc(1 << 19, 1)),
        { objectMode: false },
      ),
  };
  await copyContent(descriptor, { from: pieces, to, step: 'pull/0' }, call);
  const item = descriptor.digest.slice(0, 19);
  const event = { type: 'step-progress', step: 'pull/0', item, total: 5 << 19, unit: 'bytes' } as const;
  assert.equal(events, [
    { ...event, current: 1 << 20, done: false },
    { ...event, current: 2 << 20, done: false },
    { ...event, current: 5 << 19, done: true },
  ]);
  await copyContent(descriptor, { from: pieces, to, step: 'pull/0' }, call);
  assert.is(events.length, 3);
});

test('what a copy passes through may refuse it, and then the sink keeps nothing', async () => {
  const [from, to] = [createMemoryContent(), createMemoryContent()];
  const descriptor = from.add('a', 'hello');
  const through = () =>
    new Transform({ transform: (_chunk, _encoding, done) => done(new MkimageError('integrity', 'no layer')) });
  await rejects(copyContent(descriptor, { from, to, createTransform: through }, createQuietCall()), 'integrity');
  await rejects(
    copyContent(descriptor, { from, to, step: 'a/0', createTransform: through }, createQuietCall()),
    'integrity',
  );
  assert.is(to.blobs.size, 0);
});

test('a damaged blob is copied again', async () => {
  const [from, to] = [createMemoryContent(), createMemoryContent()];
  const descriptor = from.add('a', 'hello');
  await copyContent(descriptor, { from, to }, createQuietCall());
  assert.is(await copyContent(descriptor, { from, to, replace: true }, createQuietCall()), true);
});

test('a file is read to the end of the buffer or its own, and a part of it in pieces', () => {
  const file = join(tempDir('content'), 'file');
  writeFileSync(file, 'x'.repeat(3 << 20));
  const descriptor = openSync(file, 'r');
  try {
    const lengths = [1 << 21, 1 << 21, 1].map((size) => readFully(descriptor, Buffer.alloc(size)));
    assert.equal(lengths, [1 << 21, 1 << 20, 0]);
    const pieces = (offset: number, size: number) =>
      [...readChunks(descriptor, { offset, size })].map(({ length }) => length);
    assert.equal(pieces(1, (1 << 20) + 1), [1 << 20, 1]);
    assert.equal(pieces((3 << 20) - 1, 10), [1]);
    assert.equal(pieces(0, 0), []);
  } finally {
    closeSync(descriptor);
  }
});

test('copies nothing once the caller has cancelled', async () => {
  const content = createMemoryContent();
  const call = { signal: AbortSignal.abort(), report: () => {} };
  await rejects(copyContent(content.add('a', 'b'), { from: content, to: createMemoryContent() }, call), 'cancelled');
});

test('cleans paths so that they stay below the root', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', ''],
    ['/', ''],
    ['.', ''],
    ['./a', 'a'],
    ['a/', 'a'],
    ['/a//./b/', 'a/b'],
    ['..', ''],
    ['../../etc/passwd', 'etc/passwd'],
    ['a/../../b', 'b'],
    ['..a/b..', '..a/b..'],
    ['a/...', 'a/...'],
  ];
  for (const [path, clean] of cases) assert.is(cleanPath(path), clean, path);
  const parts = fc.array(fc.constantFrom('a', 'b', '.', '..', ''), { maxLength: 8 });
  fc.assert(
    fc.property(parts, (names) => {
      const clean = cleanPath(names.join('/'));
      assert.not.match(clean, /^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/);
      assert.is(cleanPath(clean), clean);
    }),
  );
});

test('takes paths apart and puts them together', () => {
  assert.is(joinPath('', 'a'), 'a');
  assert.is(joinPath('a', 'b/c'), 'a/b/c');
  assert.is(joinPath('a', ''), 'a');
  assert.equal([parentOf('a/b/c'), parentOf('a'), parentOf('')], ['a/b', '', '']);
  assert.equal([nameOf('a/b'), nameOf('a'), nameOf('')], ['b', 'a', '']);
  assert.equal([...ancestorsOf('a/b/c')], ['a', 'a/b']);
});

test('sorts a directory directly before what is in it', () => {
  assert.equal(['a.b', 'a/c', 'a', 'a/b/c', 'a/b', 'b', ''].sort(comparePaths), [
    '',
    'a',
    'a/b',
    'a/b/c',
    'a/c',
    'a.b',
    'b',
  ]);
});

/** A tree from lines `path` (file), `path/` (directory) and `path -> target`. */
function treeOf(...lines: readonly string[]) {
  const entries = new Map<string, FileEntry>();
  for (const line of ['/', ...lines]) {
    const [name = '', linkname] = line.split(' -> ');
    const path = cleanPath(name);
    const type = linkname !== undefined ? 'symlink' : name.endsWith('/') ? 'directory' : 'file';
    const base = { path, type, mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 } as const;
    entries.set(path, linkname === undefined ? base : { ...base, linkname });
  }
  return {
    stat: (path: string) => entries.get(path),
    list: (path: string) =>
      [...entries.values()]
        .filter((entry) => entry.path !== '' && parentOf(entry.path) === path)
        .sort((a, b) => comparePaths(a.path, b.path)),
  };
}

const links = treeOf(
  'etc/',
  'etc/passwd',
  'abs -> /etc',
  'rel -> ./etc/../etc',
  'up -> ../../../../etc/passwd',
  'chain -> rel/passwd',
  'loop -> loop',
  'a/',
  'a/out -> /abs/passwd',
  'a/deep -> ../abs',
  'gone -> nowhere/at/all',
);

const resolves = (path: string, to: string, followLast = true) =>
  test(`resolves ${path} to /${to}${followLast ? '' : ' without following the last'}`, () => {
    assert.is(resolveInTree(links, path, { followLast }), to);
  });

resolves('/etc/passwd', 'etc/passwd');
resolves('/abs/passwd', 'etc/passwd');
resolves('rel/passwd', 'etc/passwd');
resolves('/up', 'etc/passwd');
resolves('/chain', 'etc/passwd');
resolves('/a/out', 'etc/passwd');
resolves('/a/deep/passwd', 'etc/passwd');
resolves('/a/deep/..', '');
resolves('/abs', 'abs', false);
resolves('/a/deep/../abs/', 'etc');
resolves('../../../etc', 'etc');
resolves('/no/such/thing', 'no/such/thing');
resolves('/gone/x', 'nowhere/at/all/x');
resolves('/', '');
resolves('/loop', 'loop', false);

test('gives up on a loop of links', () => {
  assert.throws(
    () => resolveInTree(links, '/loop/x'),
    (error: unknown) => isMkimageError(error, 'not-found'),
  );
});

test('walks directories before their contents and follows no link', () => {
  const tree = treeOf('a/', 'a/x', 'a/b/', 'a/b/y', 'c -> a');
  assert.equal(
    [...walkTree(tree)].map((entry) => entry.path),
    ['', 'a', 'a/b', 'a/b/y', 'a/x', 'c'],
  );
  assert.equal(
    [...walkTree(tree, 'a', (directory) => directory.path !== 'a/b')].map((entry) => entry.path),
    ['a', 'a/b', 'a/x'],
  );
  assert.equal([...walkTree(tree, 'none')], []);
});

test.run();
