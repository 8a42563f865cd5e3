import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../../src/cache/index.ts';
import { openLocalCache } from '../../../src/cache/local.ts';
import { checkStore } from '../../../src/engine/state/check-store.ts';
import { collectAfterBuild } from '../../../src/engine/state/collect-cache.ts';
import { pruneStore } from '../../../src/engine/state/prune.ts';
import { digestOf, encodedOf } from '../../../src/oci/index.ts';
import { createQuietCall } from '../../../src/progress.ts';
import type { Snapshotter } from '../../../src/snapshot/index.ts';
import { LayoutStore } from '../../../src/store/layout-store.ts';
import { putImage } from '../../support/images.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('prune, by what is asked for');
const root = tempDir('prune');
const NOW = Date.parse('2024-06-01T00:00:00Z');
const DAY = 86_400;
const hex = (digit: string) => digit.repeat(64);
let count = 0;

/** A store with one thing of each type that was used a day ago, one that was used ten days ago, and a dangling image. */
async function filledStore() {
  const own = join(root, String(count++));
  const store = LayoutStore.open(own);
  await store.tag([], putImage(store, { label: 'dangling' }));
  const config = { root: own, now: () => new Date(NOW).toISOString(), keepStorage: undefined };
  for (const [digit, days] of [
    ['a', 1],
    ['b', 10],
  ] as const) {
    const time = NOW / 1000 - days * DAY;
    for (const path of [
      `http-v1/${hex(digit)}`,
      `git-v1/${hex(digit)}.time`,
      `stat-cache-v1/${hex(digit)}`,
      `logs/${digit}.log`,
      `mounts-v1/${hex(digit)}/id`,
    ]) {
      mkdirSync(join(own, path, '..'), { recursive: true });
      writeFileSync(join(own, path), '7'.repeat(3000));
      utimesSync(join(own, path), time, time);
    }
    const cache = openLocalCache({ directory: join(own, 'cache-v1'), now: () => time * 1000 });
    cache.save(KEYS[digit], { parts: PARTS[digit], layer: null, createdAt: '2024-05-01T00:00:00Z' });
    const file = join(own, 'cache-v1', encodedOf(KEYS[digit]).slice(0, 2), `${encodedOf(KEYS[digit])}.json`);
    utimesSync(file, time, time);
  }
  const cache = openLocalCache({ directory: join(own, 'cache-v1'), now: () => NOW });
  const snapshotter = async (): Promise<Snapshotter> => {
    throw new Error('nothing is unpacked');
  };
  return { store, cache, config, snapshotter };
}

const PARTS = { a: [{ name: 'command', value: 'a' }], b: [{ name: 'command', value: 'b' }] } as const;
const SCOPE = { parent: digestOf('parent'), step: 'run', platform: { os: 'linux', architecture: 'amd64' } } as const;
const KEYS = { a: keyOf(SCOPE, PARTS.a), b: keyOf(SCOPE, PARTS.b) } as const;

type Filled = Awaited<ReturnType<typeof filledStore>>;

/** What is left, by its type: the digits of those that are. */
function left({ config, cache, store }: Filled): Readonly<Record<string, string>> {
  const digits = (folder: string) =>
    readdirSync(join(config.root, folder))
      .map((name) => name[0])
      .sort()
      .join('');
  const records = [...cache.records()].map(({ record }) => record.parts[0]?.value).sort();
  return {
    records: records.join(''),
    downloads: digits('http-v1'),
    checkouts: digits('git-v1'),
    contexts: digits('stat-cache-v1'),
    logs: digits('logs'),
    mounts: digits('mounts-v1'),
    images: String(store.list().length),
  };
}

const ALL = { records: 'ab', downloads: 'ab', checkouts: 'ab', contexts: 'ab', logs: 'ab', mounts: 'ab', images: '1' };

test('without filters only what is stale goes, and with `all` everything but cache mounts', async () => {
  const plain = await filledStore();
  await pruneStore(plain, { all: false });
  assert.equal(left(plain), { ...ALL, images: '0' });
  await pruneStore(plain, { all: true });
  assert.equal(left(plain), {
    records: '',
    downloads: '',
    checkouts: '',
    contexts: '',
    logs: '',
    mounts: 'ab',
    images: '0',
  });
});

test('an age spares what was used since, also with `all`', async () => {
  for (const all of [false, true]) {
    const services = await filledStore();
    const { objects } = await pruneStore(services, { all, unusedFor: 5 * DAY });
    assert.equal(left(services), {
      records: 'a',
      downloads: 'a',
      checkouts: 'a',
      contexts: 'a',
      logs: 'a',
      mounts: 'ab',
      images: '0',
    });
    assert.ok(objects.includes(encodedOf(KEYS.b)) && !objects.includes(encodedOf(KEYS.a)));
  }
});

for (const [type, gone] of [
  ['source.git.checkout', { checkouts: '' }],
  ['source.local', { contexts: '' }],
  ['exec.cachemount', { mounts: '' }],
  ['internal', { logs: '' }],
  ['regular', { records: '', downloads: '' }],
  ['frontend', {}],
] as const) {
  test(`of the type ${type} nothing else goes, and no image`, async () => {
    const services = await filledStore();
    await pruneStore(services, { all: true, types: [type] });
    assert.equal(left(services), { ...ALL, ...gone });
  });
}

test('an ID takes its object, fresh or not, of whatever type', async () => {
  const services = await filledStore();
  await pruneStore(services, { all: false, ids: [KEYS.a.slice(0, 20)] });
  assert.equal(left(services), { ...ALL, records: 'b' });
  await pruneStore(services, { all: false, ids: ['aaaa'] });
  assert.equal(left(services), { ...ALL, records: 'b', downloads: 'b', checkouts: 'b', contexts: 'b', mounts: 'b' });
});

test('a bound takes fetched sources before the results of steps', async () => {
  const services = await filledStore();
  const blobs = [...services.store.blobs()].reduce((sum, { diskBytes }) => sum + diskBytes, 0);
  await pruneStore(services, { all: false, keepStorage: blobs + 3 * 4096 });
  assert.is(left(services).records, 'ab');
  const { downloads = '', checkouts = '' } = left(services);
  assert.is(downloads.length + checkouts.length, 3);
  await pruneStore(services, { all: false, keepStorage: blobs });
  assert.equal(left(services), { ...ALL, downloads: '', checkouts: '' });
});

test('folders of earlier versions go, and what is nothing of ours stays', async () => {
  const services = await filledStore();
  const { root: own } = services.config;
  for (const folder of ['trees-v0', 'git-v0', 'trees-v9', 'mine']) mkdirSync(join(own, folder));
  writeFileSync(join(own, 'trees-v0/x'), 'x'.repeat(5000));
  const { bytes } = await pruneStore(services, { all: true, cacheMounts: true });
  assert.ok(bytes > 5000);
  const there = ['trees-v0', 'git-v0', 'trees-v9', 'mine'].filter((folder) => existsSync(join(own, folder)));
  assert.equal(there, ['trees-v9', 'mine']);
});

test('after a build that did work, what was of no use for weeks goes, once a day', async () => {
  const services = await filledStore();
  const at = (days: number) => ({
    ...services,
    config: { ...services.config, now: () => new Date(NOW + days * DAY * 1000).toISOString() },
  });
  await collectAfterBuild(at(0));
  assert.equal(left(services), ALL);
  await collectAfterBuild(at(25));
  assert.equal(left(services), { ...ALL, downloads: 'a', checkouts: 'a', contexts: 'a', logs: '' });
  writeFileSync(join(services.config.root, 'logs/x'), '');
  utimesSync(join(services.config.root, 'logs/x'), 1, 1);
  await collectAfterBuild(at(25.5));
  assert.is(left(services).logs, 'x');
});

test('a check of the store reads downloads and lists of authorities, and names what it cannot check', async () => {
  const services = await filledStore();
  const { root: own } = services.config;
  writeFileSync(join(own, 'http-v1', encodedOf(digestOf('whole'))), 'whole');
  mkdirSync(join(own, 'certificates-v1'));
  writeFileSync(join(own, 'certificates-v1', `${encodedOf(digestOf('pem'))}.pem`), 'pem');
  writeFileSync(join(own, 'certificates-v1', `${hex('0')}.pem`), 'other');
  const { checked, damaged, unread } = await checkStore(services, { repair: true }, createQuietCall());
  assert.equal([checked.download, checked.certificate], [3, 2]);
  const paths = damaged.map(({ path }) => path).filter((path) => /^(?:http|certificates)-/.test(path));
  assert.equal(paths, [`http-v1/${hex('a')}`, `http-v1/${hex('b')}`, `certificates-v1/${hex('0')}.pem`]);
  assert.equal(left(services).downloads, encodedOf(digestOf('whole'))[0]);
  assert.equal(
    unread.map(({ path }) => path),
    ['mounts-v1', 'git-v1', 'logs', 'locks', 'tmp', 'index-v1.json'],
  );
  assert.ok(unread.every(({ why }) => why.length > 5));
});

test.run();
