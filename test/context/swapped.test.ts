import { mkdirSync, readdirSync, realpathSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FileTree } from '../../src/content/index.ts';
import { openLocalContext } from '../../src/context/local/local.ts';
import { readContent } from '../../src/layer/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

// Somebody else may write to the context: a directory becomes a link to one with the same names while it is being read.
const test = suite('local context whose directories are swapped for links');
const root = realpathSync(tempDir('swapped'));
let count = 0;

interface Scene {
  readonly context: string;
  readonly outside: string;
  /** Puts a link to `outside` in the place of a directory of the context. */
  swap(path: string): void;
}

function scene(paths: readonly string[]): Scene {
  const home = join(root, String(count++));
  const [context, outside] = [join(home, 'context'), join(home, 'outside')];
  for (const path of paths) {
    put(join(context, path), 'harmless');
    // What would lie there if the first directory of the path were the one outside.
    put(join(outside, path.slice(path.indexOf('/') + 1)), 'PRIVATE!');
  }
  const swap = (path: string) => {
    renameSync(join(context, path), join(home, 'aside'));
    symlinkSync(outside, join(context, path));
  };
  return { context, outside, swap };
}

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function open(context: string, statCacheFile?: string) {
  return openLocalContext({ directory: context, ignoreFile: undefined, statCacheFile });
}

function treeOf(context: string, paths: readonly string[]): Promise<FileTree> {
  return open(context).scan(paths, createQuietCall());
}

async function bytesOf(tree: FileTree, path: string): Promise<Buffer> {
  return readContent(tree.stat(path)!, await tree.locate(path));
}

for (const path of ['door/file', 'door/deeper/file']) {
  test(`no file is hashed or read behind the link: ${path}`, async () => {
    const { context, swap } = scene([path]);
    const opened = open(context);
    const tree = await opened.scan([''], createQuietCall());
    const digest = tree.digest(path);
    assert.is((await bytesOf(tree, path)).toString(), 'harmless');
    swap('door');
    const again = await treeOf(context, ['']);
    assert.is(again.stat('door')?.type, 'symlink');
    assert.is((await bytesOf(tree, path)).toString(), 'harmless', 'what was hashed before stays');
    assert.is(tree.digest(path), digest);
    opened.save(); // nothing is held any more
    await refuses('source-missing', () => bytesOf(tree, path), /it cannot be opened/);
  });

  test(`no file that was listed before is hashed behind the link: ${path}`, async () => {
    const { context, swap } = scene([path]);
    const tree = await treeOf(context, ['']);
    swap('door');
    await refuses('source-missing', () => tree.digest(path), /its path contains a symbolic link/);
  });
}

test('no directory is listed behind the link, itself or one below it', async () => {
  for (const [path, swapped] of [
    ['door/file', 'door'],
    ['door/deeper/file', 'door'],
  ] as const) {
    const { context, swap } = scene([path]);
    const tree = open(context).scan([], createQuietCall());
    const listed = (await tree).list('');
    assert.equal(
      listed.map((entry) => entry.path),
      ['door'],
    );
    if (path.includes('deeper')) (await tree).list('door');
    swap(swapped);
    const unlisted = dirname(path);
    const error = await refuses(unlisted === 'door' ? 'not-found' : 'source-missing', async () =>
      (await tree).list(unlisted),
    );
    assert.match(error.message, /read `door(\/deeper)?` of the context/);
  }
});

test('the context itself is not read behind a link that took its place', async () => {
  const { context, outside } = scene(['door/file']);
  const opened = open(context);
  renameSync(context, `${context}-aside`);
  symlinkSync(outside, context);
  await refuses('not-found', () => opened.scan([''], createQuietCall()));
});

test('a remembered file is believed only if it is the one that was read then', async () => {
  const { context, outside, swap } = scene(['door/file', 'door/other']);
  for (const name of ['file', 'other']) {
    for (const directory of [join(context, 'door'), outside]) utimesSync(join(directory, name), 1, 1);
  }
  await new Promise((resolve) => setTimeout(resolve, 150));
  const memory = join(root, 'memory');
  const first = open(context, memory);
  const tree = await first.scan([''], createQuietCall());
  await tree.digest('door/file');
  first.save();
  assert.ok(readdirSync(root).includes('memory'));
  const second = await open(context, memory).scan([], createQuietCall());
  second.list('');
  swap('door');
  await refuses('not-found', () => second.list('door'));
});

test.run();
