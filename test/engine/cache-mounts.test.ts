import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalCache } from '../../src/cache/local.ts';
import { formatCacheMounts } from '../../src/cli/commands/cache/cache-mounts.ts';
import { listCacheMounts, removeCacheMounts } from '../../src/engine/state/cache-mounts.ts';
import { pruneStore } from '../../src/engine/state/prune.ts';
import { type CacheMount, openCacheMount } from '../../src/executor/run/cache-mount.ts';
import { createQuietCall } from '../../src/progress.ts';
import type { Snapshotter } from '../../src/snapshot/index.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('cache mounts of the store');
const root = tempDir('cache-mounts');
let count = 0;

const MOUNT: CacheMount = {
  type: 'cache',
  target: '/cache',
  id: '/cache',
  sharing: 'shared',
  readonly: false,
  from: undefined,
  source: '',
  mode: 0o755,
  uid: 0,
  gid: 0,
};

/** A store in which steps have used these mounts, each at its time. */
async function storeWith(used: readonly (readonly [mount: Partial<CacheMount>, at: string])[]) {
  const own = join(root, String(count++));
  const store = LayoutStore.open(own);
  const tryLock = async () => ({ [Symbol.asyncDispose]: async () => {} });
  const home = { folder: join(own, 'mounts-v1'), tryLock, scratch: join(own, 'tmp'), fill: async () => {} };
  for (const [mount, at] of used) {
    await using held = await openCacheMount({ ...home, now: () => at }, { ...MOUNT, ...mount }, createQuietCall());
    writeFileSync(join(held.directory, 'wheel'), Buffer.alloc(10_000, 1));
  }
  return {
    store,
    config: { root: own, now: () => '2024-05-10T00:00:00Z' },
    cache: openLocalCache({ directory: join(own, 'cache-v1'), now: () => 0 }),
    snapshotter: async (): Promise<Snapshotter> => {
      throw new Error('nothing is unpacked');
    },
  };
}

test('are listed by id with what they take and when a step last had them', async () => {
  const services = await storeWith([
    [{ id: 'npm' }, '2024-05-01T00:00:00Z'],
    [{ id: 'go' }, '2024-05-09T00:00:00Z'],
    [{ id: 'npm' }, '2024-05-09T22:00:00Z'],
  ]);
  const mounts = listCacheMounts(services);
  assert.equal(
    mounts.map(({ id }) => id),
    ['go', 'npm'],
  );
  assert.ok(mounts[0]!.bytes >= 10_000);
  const view = { isWhole: false, now: Date.parse('2024-05-10T00:00:00Z') };
  const [headings, , npm] = formatCacheMounts(mounts, view).split('\n');
  assert.match(headings!, /^ID +KEY +SIZE +LAST USED$/);
  assert.match(npm!, /^npm +[0-9a-f]{12} +\S+ +2 hours ago$/);
});

test('are removed by id, all that have it, or by the start of a key', async () => {
  const at = '2024-05-09T00:00:00Z';
  const services = await storeWith([
    [{ id: 'npm' }, at],
    [{ id: 'npm', mode: 0o700 }, at],
    [{ id: 'go' }, at],
  ]);
  const go = listCacheMounts(services).find(({ id }) => id === 'go')!;
  const removed = await removeCacheMounts(services, { mounts: ['npm'] });
  assert.is(removed.mounts.length, 2);
  assert.ok(removed.bytes >= 20_000);
  assert.equal(listCacheMounts(services), [go]);
  await removeCacheMounts(services, { mounts: [go.key.slice(0, 6)] });
  assert.equal(readdirSync(join(services.config.root, 'mounts-v1')), []);
});

test('an unknown name removes nothing', async () => {
  const services = await storeWith([[{ id: 'npm' }, '2024-05-09T00:00:00Z']]);
  await refuses('not-found', () => removeCacheMounts(services, { mounts: ['npm', 'nmp'] }));
  assert.is(listCacheMounts(services).length, 1);
});

test('are not removed under a running build', async () => {
  const services = await storeWith([[{ id: 'npm' }, '2024-05-09T00:00:00Z']]);
  {
    await using _build = await services.store.lease();
    await refuses('in-use', () => removeCacheMounts(services, { mounts: ['npm'] }));
    assert.is(listCacheMounts(services).length, 1);
  }
  await removeCacheMounts(services, { mounts: ['npm'] });
  assert.is(listCacheMounts(services).length, 0);
});

test('prune leaves them alone unless asked, and then may spare those used lately', async () => {
  const used = [
    [{ id: 'old' }, '2024-05-01T00:00:00Z'],
    [{ id: 'new' }, '2024-05-09T23:00:00Z'],
  ] as const;
  const services = await storeWith(used);
  assert.equal((await pruneStore(services, { all: true })).cacheMounts, []);
  const aged = await pruneStore(services, { all: false, cacheMounts: true, unusedFor: 86_400 });
  assert.equal(
    aged.cacheMounts.map(({ id }) => id),
    ['old'],
  );
  assert.ok(aged.bytes >= 10_000);
  const rest = await pruneStore(services, { all: false, cacheMounts: true });
  assert.equal(
    rest.cacheMounts.map(({ id }) => id),
    ['new'],
  );
});

test('an incomplete directory is in the scratch folder, so that prune removes it after a killed build', async () => {
  const services = await storeWith([]);
  const folder = join(services.config.root, 'mounts-v1');
  const scratch = join(services.config.root, 'tmp');
  const seen: string[][] = [];
  const fill = async (): Promise<void> => {
    seen.push(readdirSync(join(folder, readdirSync(folder)[0]!)), readdirSync(scratch));
  };
  const home = { folder, scratch, fill, now: () => '2024-05-01T00:00:00Z', tryLock: async () => undefined };
  await using held = await openCacheMount(home, MOUNT, createQuietCall());
  assert.equal(seen[0], ['id']);
  assert.match(seen[1]!.join(), /^cache-\w+$/);
  assert.equal(readdirSync(scratch), []);
  assert.ok(existsSync(held.directory));
});

test('a folder that a step is only beginning to make is not listed', async () => {
  const services = await storeWith([]);
  const begun = join(services.config.root, 'mounts-v1', 'a'.repeat(64));
  mkdirSync(begun, { recursive: true });
  assert.equal(listCacheMounts(services), []);
  assert.ok(existsSync(begun));
});

test.run();
