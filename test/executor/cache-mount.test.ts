import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CacheMount, type CacheMountHome, openCacheMount } from '../../src/executor/run/cache-mount.ts';
import { createQuietCall } from '../../src/progress.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('cache mounts of steps');
const root = tempDir('cache-mount');
let homes = 0;

const MOUNT: CacheMount = {
  type: 'cache',
  target: '/c',
  id: 'npm',
  sharing: 'shared',
  readonly: false,
  from: undefined,
  source: '/',
  mode: 0o750,
  uid: 0,
  gid: 0,
};

/** A place for caches with locks that this process alone knows. */
function homeOf(more: Partial<CacheMountHome> = {}) {
  homes += 1;
  const [folder, scratch] = [join(root, `${homes}`, 'mounts'), join(root, `${homes}`, 'tmp')];
  for (const directory of [folder, scratch]) mkdirSync(directory, { recursive: true });
  const held = new Set<string>();
  const tries: string[] = [];
  const home: CacheMountHome = {
    folder,
    scratch,
    now: () => '2020-01-01T00:00:00.000Z',
    tryLock: async (lock) => {
      tries.push(lock);
      if (held.has(lock)) return undefined;
      held.add(lock);
      return { [Symbol.asyncDispose]: async () => void held.delete(lock) };
    },
    fill: async () => {},
    ...more,
  };
  const open = (changes: Partial<CacheMount> = {}, call = createQuietCall()) =>
    openCacheMount(home, { ...MOUNT, ...changes }, call);
  return { home, held, tries, open };
}

test('are directories of the store that keep what is put into them', async () => {
  const { open } = homeOf();
  const first = await open();
  writeFileSync(join(first.directory, 'kept'), 'x');
  await first[Symbol.asyncDispose]();
  assert.equal(readdirSync((await open()).directory), ['kept']);
  assert.is(statSync(first.directory).mode & 0o7777, 0o750);
});

test('are found by their id, which never becomes a path', async () => {
  const { home, open } = homeOf();
  const ids = ['a', '../../etc', '/', 'a\0b', ''];
  const directories = new Set<string>();
  for (const id of ids) directories.add((await open({ id })).directory);
  assert.is(directories.size, ids.length);
  for (const directory of directories) assert.match(directory, new RegExp(`^${home.folder}/[0-9a-f]{64}/0$`));
});

test('that would begin otherwise are others, whatever their id', async () => {
  const { open } = homeOf();
  const from = { kind: 'context', context: '' } as const;
  const all = [{}, { uid: 7 }, { gid: 7 }, { mode: 0o700 }, { from }, { from, source: '/d' }];
  const directories: string[] = [];
  for (const changes of all) directories.push((await open(changes)).directory);
  assert.is(new Set(directories).size, all.length);
  assert.is((await open({ target: '/elsewhere', sharing: 'private', readonly: true })).directory, directories[0]);
});

test('say by whom they were used last, and when', async () => {
  const { open } = homeOf();
  const file = join((await open({ id: 'cargo' })).directory, '../id');
  assert.is(readFileSync(file, 'utf8'), 'cargo');
  assert.is(statSync(file).mtime.toISOString(), '2020-01-01T00:00:00.000Z');
});

test('that are shared take no lock', async () => {
  const { open, tries } = homeOf();
  const [one, two] = [await open(), await open()];
  assert.equal([one.directory === two.directory, tries], [true, []]);
});

test('that are private take the first free number', async () => {
  const { open, held } = homeOf();
  const numbers = async () => (await open({ sharing: 'private' })).directory.split('/').at(-1);
  const first = await open({ sharing: 'private' });
  assert.equal([await numbers(), await numbers()], ['1', '2']);
  await first[Symbol.asyncDispose]();
  assert.is(await numbers(), '0');
  assert.is(held.size, 3);
});

test('that are locked wait until they are free', async () => {
  let free = false;
  const { open } = homeOf({
    tryLock: async () => {
      await new Promise((settle) => setTimeout(settle, 5));
      return free ? { [Symbol.asyncDispose]: async () => {} } : undefined;
    },
  });
  let waits = true;
  const opened = open({ sharing: 'locked' }).then(() => {
    waits = false;
  });
  await new Promise((settle) => setTimeout(settle, 20));
  assert.ok(waits);
  free = true;
  await opened;
  assert.not(waits);
});

test('that are locked are waited for no longer than the build lasts', async () => {
  const stop = new AbortController();
  const { open } = homeOf({
    tryLock: async () => {
      setTimeout(() => stop.abort(), 5);
      await new Promise((settle) => setTimeout(settle, 10));
      return undefined;
    },
  });
  await rejects(open({ sharing: 'locked' }, { signal: stop.signal, report: () => {} }), 'cancelled');
});

test('appear whole or not at all', async () => {
  let fails = true;
  const seen: string[] = [];
  const { home, held, open } = homeOf({
    fill: async (directory) => {
      writeFileSync(join(directory, 'first'), 'x');
      seen.push(directory);
      if (fails) throw new Error('the source is damaged');
    },
  });
  const error = await open({ sharing: 'locked' }).catch((reason: Error) => reason);
  assert.is((error as Error).message, 'the source is damaged');
  assert.equal([held.size, readdirSync(home.scratch)], [0, []]);
  fails = false;
  const { directory } = await open({ sharing: 'locked' });
  assert.equal(readdirSync(directory), ['first']);
  assert.ok(seen.every((made) => made.startsWith(home.scratch) && !existsSync(made)));
});

test('are filled once: of two that make one at the same time one wins', async () => {
  let fills = 0;
  const { open } = homeOf({
    fill: async (directory) => {
      fills += 1;
      writeFileSync(join(directory, String(fills)), '');
      await new Promise((settle) => setTimeout(settle, 5));
    },
  });
  const [one, two] = await Promise.all([open(), open()]);
  assert.is(one.directory, two.directory);
  assert.is(readdirSync(one.directory).length, 1);
  await open();
  assert.is(fills, 2);
});

test.run();
