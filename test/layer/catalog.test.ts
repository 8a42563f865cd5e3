import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type FileEntry, type FileTree, walkTree } from '../../src/content/index.ts';
import { isMkimageError } from '../../src/errors.ts';
import { type Change, LayerCatalog, LayerWriter } from '../../src/layer/index.ts';
import { digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { lookupOwner } from '../../src/process/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';
import { device, file, hardlink, memoryStore, type Sample, symlink, tarOf } from './tar-samples.ts';

const test = suite('layers');
const call = createQuietCall();
const folder = tempDir('catalog');
let places = 0;

function catalogOf(store = memoryStore(), root = join(folder, String(places++))) {
  const options = { directory: join(root, 'trees-v1'), scratch: join(root, 'tmp'), store };
  return { store, root, open: () => new LayerCatalog(options) };
}

/** The merged tree of layers given as samples. */
async function treeOf(...layers: readonly (readonly Sample[])[]): Promise<FileTree> {
  const { store, open } = catalogOf();
  return open().tree(
    layers.map((samples) => store.gzipLayer(samples)),
    call,
  );
}

async function contentOf(tree: FileTree, path: string): Promise<string> {
  const location = await tree.locate(path);
  if (location.kind === 'bytes') return Buffer.from(location.bytes).toString();
  return readFileSync(location.file)
    .subarray(location.offset, location.offset + location.size)
    .toString();
}

const pathsOf = (tree: FileTree) => [...walkTree(tree)].map((entry) => entry.path).slice(1);

async function rejects(promise: Promise<unknown>, code: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isMkimageError(error) && error.code === code, String(error));
}

// Trees

test('merges layers from top to bottom', async () => {
  const tree = await treeOf(
    [{ path: 'etc/', mode: 0o700 }, file('etc/a', 'low'), file('etc/b', 'low')],
    [file('etc/b', 'high', { mode: 0o600 }), file('etc/c', 'high')],
  );
  assert.equal(pathsOf(tree), ['etc', 'etc/a', 'etc/b', 'etc/c']);
  assert.is(tree.stat('etc')?.mode, 0o700);
  assert.is(tree.stat('etc/b')?.mode, 0o600);
  assert.is(await contentOf(tree, 'etc/a'), 'low');
  assert.is(await contentOf(tree, 'etc/b'), 'high');
  assert.is(await tree.digest('etc/b'), digestOf('high'));
});

test('hides what a whiteout names, with all below it', async () => {
  const tree = await treeOf(
    [{ path: 'd/' }, file('d/x', ''), file('d/y', ''), file('e', '')],
    [file('.wh.d'), file('.wh.e')],
  );
  assert.equal(pathsOf(tree), []);
  assert.is(tree.stat('d/x'), undefined);
});

test('shows a directory that was deleted and made again empty', async () => {
  const tree = await treeOf([file('d/x', ''), file('d/y', '')], [{ path: 'd/' }, file('d/z', ''), file('.wh.d')]);
  assert.equal(pathsOf(tree), ['d', 'd/z']);
});

test('shows only what is above an opaque directory', async () => {
  const tree = await treeOf(
    [file('d/x', ''), file('d/sub/y', '')],
    [{ path: 'd/' }, file('d/.wh..wh..opq'), file('d/sub/z', '')],
  );
  assert.equal(pathsOf(tree), ['d', 'd/sub', 'd/sub/z']);
});

test('lets a file replace a directory and a directory a file', async () => {
  const tree = await treeOf([file('a/x', ''), file('b', '')], [file('a', 'now'), file('b/y', '')], [file('c', '')]);
  assert.equal(pathsOf(tree), ['a', 'b', 'b/y', 'c']);
  assert.is(tree.stat('a/x'), undefined);
  assert.is(tree.stat('b')?.type, 'directory');
});

test('takes the attributes of a directory that a layer does not mention from below', async () => {
  const tree = await treeOf([{ path: 'd/', mode: 0o1777, uid: 7 }, file('d/x', '')], [file('d/y', '')]);
  assert.is(tree.stat('d')?.mode, 0o1777);
  assert.is(tree.stat('d')?.uid, 7);
  assert.is((await treeOf([file('n/y', '')])).stat('n')?.mode, 0o755);
});

test('gives all names of a file the same inode, attributes and bytes', async () => {
  const tree = await treeOf([
    file('a', 'bytes', { mode: 0o640 }),
    hardlink('b', 'a'),
    hardlink('c', './b'),
    file('d', ''),
  ]);
  const [a, b, c] = ['a', 'b', 'c'].map((path) => tree.stat(path)!);
  assert.ok(a!.inode !== undefined && a!.inode === b!.inode && b!.inode === c!.inode);
  assert.is(c!.mode, 0o640);
  assert.is(await contentOf(tree, 'c'), 'bytes');
  assert.is(tree.stat('d')?.inode, undefined);
});

test('finds a hard link to a file of a lower layer', async () => {
  const tree = await treeOf([file('a', 'bytes', { uid: 3 })], [hardlink('b', 'a')]);
  assert.is(tree.stat('b')?.uid, 3);
  assert.is(await contentOf(tree, 'b'), 'bytes');
});

test('follows links of the same layer on the way to an entry', async () => {
  const tree = await treeOf([{ path: 'usr/lib/' }, symlink('lib', 'usr/lib'), file('lib/x', 'x')]);
  assert.is(await contentOf(tree, 'usr/lib/x'), 'x');
  assert.is(tree.stat('lib')?.type, 'symlink');
});

test('keeps what each kind of object has of its own', async () => {
  const xattrs = { 'security.capability': 'AQAAAgAgAAA=' };
  const tree = await treeOf([
    symlink('l', '/x'),
    device('n', 1, 3),
    { path: 'p', type: 'fifo' },
    file('f', '', { xattrs }),
  ]);
  assert.is(tree.stat('l')?.linkname, '/x');
  assert.equal(tree.stat('n')?.device, { major: 1, minor: 3 });
  assert.is(tree.stat('p')?.type, 'fifo');
  assert.equal(tree.stat('f')?.xattrs, xattrs);
  assert.throws(
    () => tree.locate('l'),
    (error: unknown) => isMkimageError(error, 'not-found'),
  );
});

test('shows the root of no layers at all', async () => {
  const tree = await treeOf();
  assert.is(tree.stat('')?.type, 'directory');
  assert.equal(tree.list(''), []);
});

// Listings

test('reads a layer once and its listing from then on', async () => {
  const { store, open } = catalogOf();
  const layer = store.gzipLayer([file('a/b', 'content'), symlink('l', 'a'), hardlink('h', 'a/b')]);
  const first = await open().tree([layer], call);
  store.open = async () => {
    throw new Error('the layer was read again');
  };
  const second = await open().tree([layer], call);
  assert.equal([...walkTree(second)], [...walkTree(first)]);
});

test('writes a truncated listing again', async () => {
  const { store, root, open } = catalogOf();
  const layer = store.layer([file('a', 'x')]);
  await open().index(layer, call);
  const hex = layer.diffId.slice('sha256:'.length);
  const kept = join(root, 'trees-v1', hex.slice(0, 2), hex);
  writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, 40));
  assert.ok((await open().index(layer, call)).entry('a'));
  assert.ok(readFileSync(kept, 'utf8').endsWith('}'));
});

test('remembers digests for the next build, and skips a torn line', async () => {
  const { store, root, open } = catalogOf();
  const layer = store.gzipLayer([file('a', 'x'), file('b', 'y')]);
  const tree = await open().tree([layer], call);
  assert.is(await tree.digest('a'), digestOf('x'));
  await new Promise((resolve) => setImmediate(resolve));
  const hex = layer.diffId.slice('sha256:'.length);
  const kept = join(root, 'trees-v1', hex.slice(0, 2), `${hex}.digests`);
  writeFileSync(kept, `${readFileSync(kept, 'utf8')}\n15`);
  store.open = async () => {
    throw new Error('the layer was read again');
  };
  const again = await open().tree([layer], call);
  assert.is(await again.digest('a'), digestOf('x'));
  assert.is(await again.digest('b'), digestOf('y'));
});

test('refuses a layer that is not the one of its diffId', async () => {
  const { store, open } = catalogOf();
  const layer = { ...store.layer([file('a', 'x')]), diffId: digestOf('other') };
  await rejects(open().index(layer, call), 'integrity');
  await rejects(open().unpack(layer, { directory: tempDir('wrong'), whiteouts: 'delete' }, call), 'integrity');
});

// Taps

test('lists a layer while its bytes pass by', async () => {
  const { store, open } = catalogOf();
  const tar = tarOf([file('big', randomBytes(700_000).toString('hex')), file('etc/passwd', 'root:x:0:0::/:\n')]);
  const packed = gzipSync(tar);
  const blob = { mediaType: MEDIA_TYPE.layerGzip, digest: digestOf(packed), size: packed.length };
  const catalog = open();
  const tap = catalog.tap(blob, digestOf(tar));
  const [passed] = await Promise.all([buffer(tap), pipeline(Readable.from(pieces(packed)), tap)]);
  assert.ok(passed.equals(packed));
  store.open = async () => {
    throw new Error('the layer was read again');
  };
  const tree = await catalog.tree([{ blob, diffId: digestOf(tar) }], call);
  assert.is(tree.stat('big')?.size, 1_400_000);
  assert.is(await contentOf(tree, 'etc/passwd'), 'root:x:0:0::/:\n');
});

function* pieces(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 7777) yield bytes.subarray(at, at + 7777);
}

/** Reads a stream to its end. */
async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

const tapFails = (name: string, bytes: Buffer, code: string) =>
  test(`fails while ${name} passes by`, async () => {
    const blob = { mediaType: MEDIA_TYPE.layerGzip, digest: digestOf(bytes), size: bytes.length };
    const tap = catalogOf().open().tap(blob, digestOf('expected'));
    await rejects(pipeline(Readable.from(pieces(bytes)), tap, drain), code);
  });

tapFails('another layer', gzipSync(tarOf([file('a', 'x')])), 'integrity');
tapFails('something that is not gzip', Buffer.alloc(100_000, 'no gzip'), 'invalid-archive');
tapFails('something that is no tar', gzipSync(Buffer.alloc(1 << 20, 'no tar')), 'invalid-archive');
tapFails(
  'a layer that is cut off',
  gzipSync(tarOf([file('a', randomBytes(40_000).toString('base64'))])).subarray(0, 30_000),
  'invalid-archive',
);

// Writing

const entry = (path: string, more: Partial<FileEntry> = {}): FileEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 2000,
  ...more,
});
const put = (path: string, text = '', more: Partial<FileEntry> = {}): Change => ({
  kind: 'put',
  entry: entry(path, { size: Buffer.byteLength(text), ...more }),
  content: { kind: 'bytes', bytes: Buffer.from(text) },
});

async function write(changes: readonly Change[], epoch?: number) {
  const store = memoryStore();
  await using writer = new LayerWriter(store, { epoch });
  await writer.addAll(changes, call);
  const sealed = await writer.finish();
  return { ...sealed, store, tar: store.blobs.get(sealed.layer.diffId)! };
}

test('writes the same layer for the same changes, and lists it as a reader would', async () => {
  const changes: Change[] = [
    { kind: 'put', entry: entry('d', { type: 'directory', mode: 0o755 }), opaque: true },
    put('d/a', 'hello', { inode: '1:1' }),
    put('d/b', 'hello', { inode: '1:1' }),
    { kind: 'put', entry: entry('l', { type: 'symlink', linkname: 'd/a', mode: 0o777 }) },
    { kind: 'put', entry: entry('n', { type: 'char', device: { major: 1, minor: 3 } }) },
    put('etc/passwd', 'root:x:0:0::/:\n', { xattrs: { 'user.x': 'eQ==' } }),
    { kind: 'delete', path: 'gone' },
  ];
  const { layer, index, store, tar } = await write(changes);
  assert.is((await write(changes)).layer.diffId, layer.diffId);
  assert.is(layer.blob.size, tar.length);
  const { open } = catalogOf(store);
  const read = await open().index(layer, call);
  assert.equal(JSON.parse(JSON.stringify(index.columns)), JSON.parse(JSON.stringify(read.columns)));
  assert.equal([...index.whiteouts], ['gone']);
  assert.equal([...index.opaques], ['d']);
});

test('sets later times to the epoch and leaves earlier ones', async () => {
  const { index } = await write([put('new', '', { mtime: 5000 }), put('old', '', { mtime: 10 })], 1000);
  const mtimeOf = (path: string) => [...index.entries()].find((found) => found.path === path)?.mtime;
  assert.equal([mtimeOf('new'), mtimeOf('old')], [1000, 10]);
});

test('refuses names that layers reserve, lost content and content that changed', async () => {
  await rejects(write([put('a/.wh.b')]), 'unsupported');
  await rejects(write([put('.wh.d/x')]), 'unsupported');
  const device = entry('etc', { type: 'char', device: { major: 0, minor: 0 } });
  await rejects(write([{ kind: 'put', entry: device }]), 'unsupported');
  const source = join(tempDir('short'), 'f');
  writeFileSync(source, 'abc');
  const content = { kind: 'host', file: source, offset: 0, size: 10 } as const;
  await rejects(write([{ kind: 'put', entry: entry('f', { size: 10 }), content }]), 'source-missing');
  await rejects(
    write([{ kind: 'put', entry: entry('f', { size: 3 }), content: { ...content, file: '/none' } }]),
    'source-missing',
  );
  const link = join(tempDir('link'), 'l');
  symlinkSync(source, link);
  const linked = { ...content, file: link, size: 3 };
  await rejects(write([{ kind: 'put', entry: entry('f', { size: 3 }), content: linked }]), 'source-missing');
});

test('stops writing when the caller cancels', async () => {
  const big = { kind: 'put', entry: entry('f', { size: 200 << 20 }) } as const;
  const source = join(tempDir('sparse'), 'f');
  execFileSync('truncate', ['-s', '200M', source]);
  const change: Change = { ...big, content: { kind: 'host', file: source, offset: 0, size: 200 << 20 } };
  await using writer = new LayerWriter(memoryStore());
  await rejects(writer.addAll([change], { signal: AbortSignal.abort(), report: () => {} }), 'cancelled');
});

// Round trip

withNeeds(test, { root: true })('writes layers that GNU tar unpacks as the applier does', async () => {
  const changes: Change[] = [
    { kind: 'put', entry: entry('d', { type: 'directory', mode: 0o2750, uid: 5, gid: 6 }) },
    put('d/suid', 'x', { mode: 0o4755, uid: 1000, gid: 3_000_000 }),
    put('d/names \u00e9\udc80', 'bytes'),
    put(`d/${'long'.repeat(60)}`, 'long'),
    put('hard1', 'same', { inode: 'a' }),
    put('hard2', 'same', { inode: 'a' }),
    { kind: 'put', entry: entry('l', { type: 'symlink', linkname: '../outside', mode: 0o777, uid: 9 }) },
    { kind: 'put', entry: entry('p', { type: 'fifo', mode: 0o622 }) },
    { kind: 'put', entry: entry('n', { type: 'char', mode: 0o666, device: { major: 1, minor: 3 } }) },
  ];
  const { layer, store, tar } = await write(changes);
  const root = tempDir('round');
  const [ours, theirs] = ['ours', 'theirs'].map((name) => join(root, name)) as [string, string];
  mkdirSync(ours);
  mkdirSync(theirs);
  await catalogOf(store).open().unpack(layer, { directory: ours, whiteouts: 'overlay' }, call);
  execFileSync('tar', ['--numeric-owner', '-xpf', '-', '-C', theirs], { input: tar });
  const list = (directory: string) =>
    execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P %y %m %U %G %s %T@ %l %n\n'], { cwd: directory })
      .toString('latin1')
      .split('\n')
      .map((line) => line.replace(/^(d d \S+ \S+ \S+) \d+/, '$1'))
      .sort();
  assert.equal(list(ours), list(theirs));
  assert.is(readdirSync(ours).length, 6);
});

test('takes no longer than for others with a layer that replaces its directories or chains its links', async () => {
  const count = 30_000;
  const numbers = Array.from({ length: count }, (_, number) => number);
  const replaced = numbers.flatMap((n) => [{ path: `d${n}/` }, file(`d${n}/x`), file(`d${n}`, 'y')]);
  const chained = numbers.map((n) => (n === 0 ? file('l0', 'z') : hardlink(`l${n}`, `l${n - 1}`)));
  const started = performance.now();
  const tree = await treeOf([...replaced, ...chained]);
  assert.is(tree.stat('d7')?.type, 'file');
  assert.is(tree.stat('d7/x'), undefined);
  assert.is(tree.stat(`l${count - 1}`)?.inode, tree.stat('l0')?.inode);
  assert.ok(performance.now() - started < 30_000);
});

test('reads files that are called as the members of every object are', async () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    assert.is(await contentOf(await treeOf([file(name, 'x')]), name).then((text) => text.slice(0, 1)), 'x', name);
  }
});

test('reads a passwd that is too long for the listing from the layer', async () => {
  const long = `${'#'.repeat(70_000)}\nme:x:5:6::/:\n`;
  assert.equal(await lookupOwner(await treeOf([file('etc/passwd', long)]), 'me'), { uid: 5, gid: 6, unknown: [] });
});

test('tells layers that differ in times alone from layers that differ', async () => {
  const { store, open } = catalogOf();
  const samples = (mtime: number, more: Partial<Sample> = {}): Sample[] => [
    { path: 'd/', mtime },
    { ...file('d/f', 'x'.repeat(300_000), { mtime }), ...more },
    { ...hardlink('d/g', 'd/f'), mtime },
    { ...symlink('d/l', 'f'), mtime },
  ];
  const one = store.gzipLayer(samples(1));
  const isSame = (...others: Sample[][]) =>
    Promise.all(others.map((other) => open().sameButTimes(one, store.gzipLayer(other), call)));
  assert.equal(await isSame(samples(1), samples(2)), [true, true]);
  const last = `${'x'.repeat(299_999)}y`;
  const others = [{ content: last }, { mode: 0o600 }, { uid: 1 }, { path: 'd/e' }, { content: 'short' }];
  assert.equal(
    await isSame(...others.map((more) => samples(1, more))),
    others.map(() => false),
  );
  assert.equal(await isSame(samples(1).slice(0, 2), [...samples(1), file('.wh.gone')]), [false, false]);
});

test.run();
