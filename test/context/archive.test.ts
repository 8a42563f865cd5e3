import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Header, pack } from 'tar-stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileLocation } from '../../src/content/index.ts';
import { openArchiveContext } from '../../src/context/archive.ts';
import { isMkimageError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('archive context');
const root = tempDir('archive-context');
let count = 0;

function folder(): string {
  const directory = join(root, `t${count++}`);
  mkdirSync(directory);
  return directory;
}

async function open(tar: AsyncIterable<Uint8Array>, directory = folder(), limit?: number) {
  return openArchiveContext(
    { name: 'stdin', tar, directory, ...(limit === undefined ? {} : { limit }) },
    createQuietCall(),
  );
}

type Entry = readonly [headers: Partial<Header> & { name: string }, content?: string];

function tarOf(...entries: readonly Entry[]): Readable {
  const tar = pack();
  for (const [headers, content = ''] of entries) tar.entry(headers, content);
  tar.finalize();
  return Readable.from(tar as AsyncIterable<Buffer>);
}

async function treeOf(...entries: readonly Entry[]) {
  return (await open(tarOf(...entries))).scan([''], createQuietCall());
}

function bytesAt(location: FileLocation): string {
  if (location.kind === 'bytes') return Buffer.from(location.bytes).toString();
  return readFileSync(location.file).toString('latin1', location.offset, location.offset + location.size);
}

withNeeds(test, { programs: ['tar'] })('a tar of GNU tar reads like the directory it was made of', async () => {
  const source = folder();
  mkdirSync(join(source, 'dir/deep'), { recursive: true });
  writeFileSync(join(source, 'dir/deep/file.txt'), 'hello', { mode: 0o640 });
  writeFileSync(join(source, 'empty'), '');
  symlinkSync('dir/deep', join(source, 'link'));
  const bytes = execFileSync('tar', ['-C', source, '-cf', '-', '--owner=1000', '--group=1000', '.']);
  const tree = await (await open(Readable.from([bytes]))).scan([''], createQuietCall());
  assert.equal(
    tree.list('').map((entry) => entry.path),
    ['dir', 'empty', 'link'],
  );
  const file = tree.stat('dir/deep/file.txt')!;
  assert.equal([file.type, file.mode, file.size, file.uid, file.gid], ['file', 0o640, 5, 0, 0]);
  assert.is(tree.stat('link')?.linkname, 'dir/deep');
  assert.is(await tree.digest('dir/deep/file.txt'), digestOf('hello'));
  assert.is(await tree.digest('empty'), digestOf(''));
  assert.is(bytesAt(await tree.locate('dir/deep/file.txt')), 'hello');
});

test('its time is that of the newest file, not of a directory', async () => {
  const at = (seconds: number) => new Date(seconds * 1000);
  const folders = { name: 'd/', type: 'directory', mtime: at(9000) } as const;
  await using context = await open(
    tarOf([folders], [{ name: 'd/a', mtime: at(7000) }], [{ name: 'b', mtime: at(5000) }]),
  );
  assert.is(context.time, 7000);
});

test('a later entry replaces an earlier one, with all that was in it', async () => {
  const tree = await treeOf(
    [{ name: 'a', type: 'directory' }],
    [{ name: 'a/b' }, 'old'],
    [{ name: 'c' }, 'one'],
    [{ name: 'c' }, 'two'],
    [{ name: 'a' }, 'now a file'],
  );
  assert.equal(
    tree.list('').map((entry) => [entry.path, entry.type]),
    [
      ['a', 'file'],
      ['c', 'file'],
    ],
  );
  assert.is(tree.stat('a/b'), undefined);
  assert.is(await tree.digest('c'), digestOf('two'));
});

test('a directory that comes after what is in it only changes its metadata', async () => {
  const tree = await treeOf([{ name: 'a/b' }, 'x'], [{ name: 'a', type: 'directory', mode: 0o700 }]);
  assert.is(tree.stat('a')?.mode, 0o700);
  assert.is(tree.stat('a/b')?.type, 'file');
});

test('names are cleaned of what leads nowhere', async () => {
  const tree = await treeOf([{ name: './a/./b' }, 'x'], [{ name: '/etc/x' }, 'y']);
  assert.equal(
    tree.list('').map((entry) => entry.path),
    ['a', 'etc'],
  );
  assert.is(tree.stat('a/b')?.type, 'file');
});

test('hard links share content and inode', async () => {
  const tree = await treeOf([{ name: 'a' }, 'x'], [{ name: 'd/b', type: 'link', linkname: 'a' }]);
  assert.ok(tree.stat('a')?.inode);
  assert.is(tree.stat('a')?.inode, tree.stat('d/b')?.inode);
  assert.is(await tree.digest('d/b'), digestOf('x'));
});

for (const [title, ...entries] of [
  ['a name that climbs out', [{ name: '../evil' }, 'x']],
  ['a name that climbs in the middle', [{ name: 'a/../../evil' }, 'x']],
  ['a file behind a symlink', [{ name: 'a', type: 'symlink', linkname: '/etc' }], [{ name: 'a/passwd' }, 'x']],
  ['a file below a file', [{ name: 'a' }, 'x'], [{ name: 'a/b' }, 'x']],
  ['a hard link to what is outside', [{ name: 'a', type: 'link', linkname: '../../etc/passwd' }]],
  ['a hard link to nothing', [{ name: 'a', type: 'link', linkname: 'b' }]],
  ['a hard link to itself', [{ name: 'a' }, 'x'], [{ name: 'a', type: 'link', linkname: 'a' }]],
  [
    'a hard link to a symlink',
    [{ name: 's', type: 'symlink', linkname: '/etc' }],
    [{ name: 'a', type: 'link', linkname: 's' }],
  ],
] as const satisfies readonly (readonly [string, ...Entry[]])[]) {
  test(`${title} is refused, and nothing is left behind`, async () => {
    const directory = folder();
    try {
      await open(tarOf(...entries), directory);
      assert.unreachable();
    } catch (error) {
      assert.ok(isMkimageError(error, 'invalid-archive'), String(error));
    }
    assert.equal(readdirSync(directory), []);
  });
}

test('an archive that is cut off or too long is refused', async () => {
  const whole = Buffer.concat(await tarOf([{ name: 'a' }, 'x'.repeat(2000)]).toArray());
  for (const [bytes, limit, code] of [
    [whole.subarray(0, 1500), undefined, 'invalid-archive'],
    [whole, 1024, 'limit'],
  ] as const) {
    const directory = folder();
    try {
      await open(Readable.from([bytes]), directory, limit);
      assert.unreachable();
    } catch (error) {
      assert.ok(isMkimageError(error, code), String(error));
    }
    assert.equal(readdirSync(directory), []);
  }
});

test('its bytes are removed when it is closed', async () => {
  const directory = folder();
  const context = await open(tarOf([{ name: 'a' }, 'x']), directory);
  assert.is(readdirSync(directory).length, 1);
  await context[Symbol.asyncDispose]();
  assert.equal(readdirSync(directory), []);
});

test('it knows paths that look like a missing one', async () => {
  const context = await open(tarOf([{ name: 'target/app.jar' }, 'x'], [{ name: 'b' }, 'y']));
  assert.equal(await context.similar('app.jar'), ['target/app.jar']);
  assert.is(context.ignoredBy('app.jar'), undefined);
});

test.run();
