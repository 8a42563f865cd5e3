import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ancestorsOf, type FileLocation, type FileTree } from '../../src/content/index.ts';
import type { BuildContext } from '../../src/context/index.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { type Needs, withNeeds } from '../support/needs.ts';
import { rejects } from '../support/rejects.ts';

/** What a context is to hold: texts of files, and targets of symlinks, by path. Directories are those that are needed. */
export type ContextFiles = Readonly<Record<string, string | { readonly symlink: string }>>;

/** Something of everything, for backends that can hold any files. */
export const SOME_FILES: ContextFiles = {
  'Dockerfile': 'FROM scratch\n',
  'empty': '',
  'dir/deep/file.txt': 'deep',
  'dir/deep.txt': 'beside',
  'dir/a': 'a',
  'dir-b': 'sorted after dir',
  'to-file': { symlink: 'dir/a' },
  'to-dir': { symlink: 'dir' },
  'to-nowhere': { symlink: '../../etc/passwd' },
  'ünïcode name': 'x',
  ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`many/file-${at}`, `${at}`])),
}; // biome-ignore format: paths

export interface ContextCase {
  readonly files: ContextFiles;
  readonly needs?: Needs;
  /** Opens a context that holds these files. */
  readonly open: (files: ContextFiles) => Promise<BuildContext>;
}

/** What every backend of the context port must do. */
export function contextContract(name: string, { files, needs = {}, open }: ContextCase): void {
  const suited = suite(`context contract: ${name}`);
  const test = withNeeds(suited, needs);
  const paths = Object.keys(files);
  const texts = Object.entries(files).flatMap(([path, file]) =>
    typeof file === 'string' ? [[path, file] as const] : [],
  );
  const directories = [...new Set(paths.flatMap((path) => [...ancestorsOf(path)]).filter((path) => path !== ''))];

  test('holds these files and no others, sorted by name, all of them 0:0', async () => {
    await using context = await open(files);
    const tree = await context.scan([''], createQuietCall());
    const entries = entriesOf(tree);
    assert.equal(entries.map(({ path }) => path).sort(), [...paths, ...directories].sort());
    for (const { path, type, uid, gid, size, mtime, linkname } of entries) {
      const file = files[path];
      const wanted = file === undefined ? 'directory' : typeof file === 'string' ? 'file' : 'symlink';
      assert.equal(
        [type, uid, gid, linkname],
        [wanted, 0, 0, typeof file === 'object' ? file.symlink : undefined],
        path,
      );
      assert.is(size, typeof file === 'string' ? Buffer.byteLength(file) : 0, path);
      assert.ok(Number.isInteger(mtime), path);
      assert.equal(tree.stat(path)?.type, type, path);
    }
    for (const directory of ['', ...directories]) {
      const names = tree.list(directory).map(({ path }) => Buffer.from(path));
      assert.equal(names, [...names].sort(Buffer.compare), directory);
    }
  });

  test('its root is a directory, and what is not in it is nothing', async () => {
    await using context = await open(files);
    const tree = await context.scan([''], createQuietCall());
    assert.is(tree.stat('')?.type, 'directory');
    for (const path of ['nope', 'nope/below', ...paths.map((path) => `${path}/below`)]) {
      assert.is(tree.stat(path), undefined, path);
      assert.equal(tree.list(path), [], path);
      await rejects((async () => tree.digest(path))(), 'not-found');
      await rejects((async () => tree.locate(path))(), 'not-found');
    }
    for (const path of ['', ...directories]) await rejects((async () => tree.digest(path))(), 'not-found');
  });

  test('gives the bytes of files and their digests, the same every time', async () => {
    await using context = await open(files);
    const tree = await context.scan([''], createQuietCall());
    for (const [path, text] of [...texts, ...texts]) {
      assert.is(bytesAt(await tree.locate(path)), text, path);
      assert.is(await tree.digest(path), digestOf(text), path);
    }
  });

  test('may be scanned for some paths, at once and again, and tells the same', async () => {
    await using context = await open(files);
    const scans = await Promise.all(
      [['dir/deep'], ['many'], [''], []].map((some) => context.scan(some, createQuietCall())),
    );
    const [first, ...others] = scans.map((tree) => entriesOf(tree).map(({ path, size }) => [path, size]));
    for (const other of others) assert.equal(other, first);
    for (const [path, text] of texts) assert.is(await scans[0]!.digest(path), digestOf(text), path);
  });

  test('no ignore file hides what is there, nor what is not', async () => {
    await using context = await open(files);
    await context.scan([''], createQuietCall());
    for (const path of [...paths, 'nope', '../nope', '/', '']) assert.is(context.ignoredBy(path), undefined, path);
  });

  test('knows paths that look like a missing one, and makes none up', async () => {
    await using context = await open(files);
    const tree = await context.scan([''], createQuietCall());
    for (const [path] of texts.slice(0, 5)) {
      const similar = await context.similar(`${path}x`);
      for (const each of similar) assert.ok(tree.stat(each) !== undefined, each);
    }
    const [long] = texts.filter(([path]) => path.length > 8);
    if (long !== undefined) assert.ok((await context.similar(`${long[0]}x`)).includes(long[0]));
    assert.equal(await context.similar('nothing looks like this at all'), []);
  });

  test('has a name for people, without the secrets that it was opened with', async () => {
    await using context = await open(files);
    assert.ok(context.name.length > 0);
    assert.not.match(context.name, /:[^/]*@/);
  });

  test('can be saved and closed, more than once', async () => {
    const context = await open(files);
    await context.scan([''], createQuietCall());
    for (let count = 0; count < 2; count++) {
      context.save();
      await context[Symbol.asyncDispose]();
    }
  });

  suited.run();
}

function entriesOf(tree: FileTree, path = ''): ReturnType<FileTree['list']> {
  return tree.list(path).flatMap((entry) => [entry, ...entriesOf(tree, entry.path)]);
}

function bytesAt(location: FileLocation): string {
  const bytes =
    location.kind === 'bytes'
      ? Buffer.from(location.bytes)
      : readFileSync(location.file).subarray(location.offset, location.offset + location.size);
  return bytes.toString('utf8');
}
