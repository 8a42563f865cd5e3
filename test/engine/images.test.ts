import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../src/cache/index.ts';
import { openLocalCache } from '../../src/cache/local.ts';
import { imageHistory } from '../../src/engine/images/history.ts';
import { listImages } from '../../src/engine/images/images.ts';
import { inspectImages } from '../../src/engine/images/inspect.ts';
import { loadImages } from '../../src/engine/images/load.ts';
import { RemovalStopped, removeImages } from '../../src/engine/images/rmi.ts';
import { saveImages } from '../../src/engine/images/save.ts';
import { tagImage } from '../../src/engine/images/tag.ts';
import { diskUsage } from '../../src/engine/state/du.ts';
import { pruneStore } from '../../src/engine/state/prune.ts';
import { type ChainId, computeChainId, type Digest, digestOf, MEDIA_TYPE, parseManifest } from '../../src/oci/index.ts';
import type { Snapshotter } from '../../src/snapshot/index.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { startChild } from '../support/child.ts';
import { callFrom } from '../support/engine-call.ts';
import { dockerItems } from '../support/image-archives.ts';
import { putImage, putIndex } from '../support/images.ts';
import { withNeeds } from '../support/needs.ts';
import { refuses } from '../support/rejects.ts';
import { tarOf } from '../support/tar-file.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('verbs on images');
const root = tempDir('verbs');
const NOW = '2024-06-01T00:00:00Z';
let count = 0;

/** Services over a real store and cache; of the snapshotter only what pruning asks is remembered. */
function freshServices() {
  const own = join(root, String(count++));
  const pruned: { keep: (chain: ChainId) => boolean }[] = [];
  const snapshotter = {
    prune: async (keep: (chain: ChainId) => boolean) => pruned.push({ keep }),
  } as unknown as Snapshotter;
  return {
    store: LayoutStore.open(own),
    cache: openLocalCache({ directory: join(own, 'cache-v1'), now: () => Date.parse(NOW) }),
    config: { root: own, platform: { os: 'linux', architecture: 'amd64' }, now: () => NOW },
    snapshotter: async () => snapshotter,
    catalog: { forget: () => {} },
    pruned,
  };
}

type Given = ReturnType<typeof freshServices>;

async function tagged({ store }: Given, names: readonly string[], shape: Parameters<typeof putImage>[1]) {
  const target = putImage(store, shape);
  await store.tag(
    names.map((name) => `docker.io/library/${name}`),
    target,
  );
  return { target, id: parseManifest(store.readSmall(target)).config.digest };
}

test('images are listed newest first, each name on a line of its own', async () => {
  const services = freshServices();
  const old = await tagged(services, ['a:1', 'b:2'], {
    label: 'old',
    created: '2020-01-01T00:00:00Z',
    layers: [Buffer.alloc(10), Buffer.alloc(7)],
  });
  await tagged(services, [], { label: 'new', created: '2024-01-01T00:00:00Z' });
  const lines = await listImages(services, {});
  assert.equal(
    lines.map(({ repository, tag }) => [repository, tag]),
    [
      [undefined, undefined],
      ['a', '1'],
      ['b', '2'],
    ],
  );
  assert.is(lines[1]?.size, 17);
  assert.is(lines[1]?.id, old.id);
  assert.equal(lines[1]?.platform, { os: 'linux', architecture: 'amd64' });
});

test('a filter chooses by repository, by tag and by pattern', async () => {
  const services = freshServices();
  await tagged(services, ['app:1', 'app:2', 'apple:1'], { label: 'x' });
  await tagged(services, [], { label: 'dangling' });
  const named = async (filter: string) =>
    (await listImages(services, { filter })).map(({ repository, tag }) => `${repository}:${tag}`);
  assert.equal(await named('app'), ['app:1', 'app:2']);
  assert.equal(await named('app:2'), ['app:2']);
  assert.equal(await named('app*:1'), ['app:1', 'apple:1']);
  assert.is((await listImages(services, { dangling: true })).length, 1);
  assert.is((await listImages(services, { dangling: false })).length, 3);
});

test('of an index, the image for this machine is shown, else one that is there, else only what is known', async () => {
  const services = freshServices();
  const elsewhere = freshServices().store;
  const [amd64, arm64] = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture })) as [never, never];
  const index = putIndex(elsewhere, 'multi', [arm64, amd64]);
  services.store.putSmall(MEDIA_TYPE.index, elsewhere.readSmall(index));
  await services.store.tag(['docker.io/library/multi:1'], index);
  assert.equal(
    (await listImages(services, {})).map(({ id, platform }) => [id, platform]),
    [[index.digest, undefined]],
  );
  await refuses('not-found', () => inspectImages(services, { images: ['multi:1'] }));
  putImage(services.store, { label: 'multi linux/arm64', platform: arm64 });
  assert.equal((await listImages(services, {}))[0]?.platform, arm64);
  putImage(services.store, { label: 'multi linux/amd64', platform: amd64 });
  assert.equal((await listImages(services, {}))[0]?.platform, amd64);
});

test('an image is found by name, ID, digest and the first digits of them; a name wins over digits', async () => {
  const services = freshServices();
  const { target, id } = await tagged(services, ['x:1'], { label: 'x' });
  const found = async (text: string) => (await inspectImages(services, { images: [text] }))[0]?.Id;
  for (const text of [
    'x:1',
    id,
    id.slice(7),
    id.slice(7, 19),
    target.digest,
    `x@${target.digest}`,
    `sha256:${id.slice(7, 12)}`,
  ]) {
    assert.is(await found(text), id, text);
  }
  const digits = id.slice(7, 13);
  const other = await tagged(services, [`${digits}:latest`], { label: 'named like digits' });
  assert.is(await found(digits), other.id);
});

test('an image that is not there is refused with the names that are', async () => {
  const services = freshServices();
  await tagged(services, ['x:1'], { label: 'x' });
  const error = await refuses('not-found', () => inspectImages(services, { images: ['y'] }));
  assert.match(error.hint ?? '', /`x:1`/);
});

test('digits that begin several IDs are refused', async () => {
  const services = freshServices();
  const ids = new Map<string, number>();
  for (let i = 0; i < 40; i++) {
    const { id } = await tagged(services, [`x:${i}`], { label: `x${i}` });
    ids.set(id[7]!, (ids.get(id[7]!) ?? 0) + 1);
  }
  const [digit] = [...ids].find(([, times]) => times > 1)!;
  await refuses('usage', () => inspectImages(services, { images: [digit] }), /the start of \d+ image IDs/);
});

test('tag gives an image more names, by name or ID, and never a digest', async () => {
  const services = freshServices();
  const { id, target } = await tagged(services, ['x:1'], { label: 'x' });
  assert.equal(await tagImage(services, { source: id.slice(7, 19), names: ['y', 'localhost:5000/z:3'] }), {
    names: ['docker.io/library/y:latest', 'localhost:5000/z:3'],
  });
  assert.is(services.store.resolve('localhost:5000/z:3')?.target.digest, target.digest);
  await refuses('usage', () => tagImage(services, { source: 'x:1', names: [`x@${target.digest}`] }));
  await refuses('invalid-reference', () => tagImage(services, { source: 'x:1', names: ['Bad Name'] }));
});

test('inspect speaks as Docker does', async () => {
  const services = freshServices();
  const layers = [Buffer.alloc(10), Buffer.alloc(7)];
  const { id, target } = await tagged(services, ['x:1', 'x:2'], { label: 'x', layers });
  const [details] = await inspectImages(services, { images: ['x:2'] });
  assert.equal(details, {
    Id: id,
    RepoTags: ['x:1', 'x:2'],
    RepoDigests: [`x@${target.digest}`],
    Comment: '',
    Created: '2024-01-02T03:04:05Z',
    Author: '',
    Config: { Env: ['PATH=/bin'], Labels: { name: 'x' } },
    Architecture: 'amd64',
    Os: 'linux',
    Size: 17,
    RootFS: { Type: 'layers', Layers: layers.map((layer) => digestOf(layer)) },
    Descriptor: target,
  });
});

test('history is listed newest first, with the size of each layer', async () => {
  const services = freshServices();
  const { id } = await tagged(services, ['x:1'], { label: 'x', layers: [Buffer.alloc(10), Buffer.alloc(7)] });
  const lines = await imageHistory(services, { image: 'x:1' });
  assert.equal(
    lines.map(({ id, createdBy, size, emptyLayer }) => ({ id, createdBy, size, emptyLayer })),
    [
      { id, createdBy: 'step 1', size: 7, emptyLayer: false },
      { id: undefined, createdBy: 'step 0', size: 10, emptyLayer: false },
    ],
  );
  assert.equal(lines[0]?.names, ['x:1']);
});

test('history of an image without any still has its layers', async () => {
  const services = freshServices();
  const { items } = dockerItems({ tags: ['plain'], layers: [Buffer.alloc(3)] });
  await loadImages(services, { input: { kind: 'stdin' } }, callFrom({ stdin: () => Readable.from([tarOf(items)]) }));
  assert.equal(
    (await imageHistory(services, { image: 'plain' })).map(({ size }) => size),
    [3],
  );
});

test('rmi by name takes the name away, and the image with the last one', async () => {
  const services = freshServices();
  const { id } = await tagged(services, ['x:1', 'y:1'], { label: 'x' });
  const first = await removeImages(services, { images: ['x:1'], force: false });
  assert.equal([first.untagged, first.deleted, first.freed], [['x:1'], [], { blobs: 0, bytes: 0 }]);
  const last = await removeImages(services, { images: ['y:1'], force: false });
  assert.equal([last.untagged, last.deleted, last.freed?.blobs], [['y:1'], [id], 3]);
  assert.equal([...services.store.blobs()], []);
});

test('rmi by ID takes all tags of one repository, but not of several without force', async () => {
  const services = freshServices();
  const same = await tagged(services, ['x:1', 'x:2'], { label: 'x' });
  assert.equal((await removeImages(services, { images: [same.id], force: false })).untagged, ['x:1', 'x:2']);
  const several = await tagged(services, ['x:1', 'y:1'], { label: 'y' });
  await refuses(
    'in-use',
    () => removeImages(services, { images: [several.id.slice(7, 20)], force: false }),
    /`x:1`, `y:1`/,
  );
  assert.equal((await removeImages(services, { images: [several.id], force: true })).deleted, [several.id]);
});

test('rmi by digest takes the names of that repository', async () => {
  const services = freshServices();
  const { target } = await tagged(services, ['x:1', 'x:2', 'y:1'], { label: 'x' });
  const { untagged } = await removeImages(services, { images: [`x@${target.digest}`], force: false });
  assert.equal(untagged, ['x:1', 'x:2']);
});

test('rmi removes a dangling image by its ID', async () => {
  const services = freshServices();
  const { id } = await tagged(services, [], { label: 'x' });
  assert.equal((await removeImages(services, { images: [id], force: false })).deleted, [id]);
});

test('rmi of several removes those it can and says which it could not', async () => {
  const services = freshServices();
  await tagged(services, ['x:1'], { label: 'x' });
  const error = await refuses(
    'not-found',
    () => removeImages(services, { images: ['nope', 'x:1'], force: false }),
    /`nope`/,
  );
  assert.instance(error, RemovalStopped);
  assert.equal((error as unknown as RemovalStopped).removed.untagged, ['x:1']);
  assert.is(services.store.resolve('docker.io/library/x:1'), undefined);
});

test('rmi keeps the layers that the build cache knows, and does not wait for a running build', async () => {
  const services = freshServices();
  const { target } = await tagged(services, ['x:1'], { label: 'x' });
  await tagged(services, ['y:1'], { label: 'y' });
  const layer = parseManifest(services.store.readSmall(target)).layers[0]!;
  remember(services, layer.digest, layer.size);
  await removeImages(services, { images: ['x:1'], force: false });
  assert.equal([...services.store.blobs()].filter(({ digest }) => digest === layer.digest).length, 1);
  await using _build = await services.store.lease();
  assert.is((await removeImages(services, { images: ['y:1'], force: false })).freed, undefined);
});

function remember({ cache }: Given, digest: Digest, size: number): void {
  const parts = [{ name: 'command', value: digest }];
  const blob = { mediaType: MEDIA_TYPE.layer, digest, size };
  const key = keyOf(
    { parent: digestOf('parent'), step: 'run', platform: { os: 'linux', architecture: 'amd64' } },
    parts,
  );
  cache.save(key, { parts, layer: { diffId: digest, blob }, createdAt: NOW });
}

test('prune removes dangling images, unused blobs, stale records and leftovers; named images and fresh cache stay', async () => {
  const services = freshServices();
  const { store, cache, config } = services;
  await tagged(services, ['x:1'], { label: 'kept' });
  const dangling = await tagged(services, [], { label: 'dangling' });
  const cached = store.putSmall(MEDIA_TYPE.layer, 'cached layer');
  remember(services, cached.digest, cached.size);
  remember(services, digestOf('a layer that is gone'), 5);
  store.putSmall('text/plain', 'unused');
  for (const folder of ['snapshots-v1', 'tmp/archive-1', 'trees-v1/ab'])
    mkdirSync(join(config.root, folder), { recursive: true });
  const hex = (text: string) => digestOf(text).slice(7);
  writeFileSync(join(config.root, 'trees-v1/ab', hex('gone')), 'x');
  writeFileSync(join(config.root, 'trees-v1/ab', `${hex('gone')}.digests`), 'x');
  writeFileSync(join(config.root, 'trees-v1/ab', hex('cached layer')), 'x');

  await store.exclusively(async () => {}); // makes the folders of the locks
  const before = (await diskUsage(services)).bytes;
  const result = await pruneStore(services, { all: false });
  assert.equal([result.images, result.cacheRecords, result.blobs], [[dangling.target.digest], 1, 4]);
  assert.is(before - (await diskUsage(services)).bytes, result.bytes - 1, 'the fake snapshotter claims one byte');
  assert.equal(readdirSync(join(config.root, 'trees-v1/ab')), [hex('cached layer')]);
  assert.not(existsSync(join(config.root, 'tmp/archive-1')));
  assert.is([...cache.records()].length, 1);
  assert.ok(services.pruned[0]?.keep(computeChainId([digestOf('layer of kept')])));
  assert.not(services.pruned[0]?.keep(computeChainId([digestOf('layer of dangling')])));
  assert.equal((await pruneStore(services, { all: false })).blobs, 0);
});

test('prune --all forgets the build cache and every unpacked layer, and no named image', async () => {
  const services = freshServices();
  await tagged(services, ['x:1'], { label: 'kept' });
  const cached = services.store.putSmall(MEDIA_TYPE.layer, 'cached layer');
  remember(services, cached.digest, cached.size);
  mkdirSync(join(services.config.root, 'snapshots-v1'));
  const result = await pruneStore(services, { all: true });
  assert.equal([result.cacheRecords, result.blobs], [1, 1]);
  assert.not(services.pruned[0]?.keep(computeChainId([digestOf('layer of kept')])));
  assert.is((await listImages(services, {})).length, 1);
});

test('prune --all also removes logs, fetched sources and memories; with an age, those that are older', async () => {
  const folders = ['logs', 'git-v1', 'http-v1', 'stat-cache-v1', 'probes-v1'];
  const nameIn = (folder: string, digit: string) => (folder === 'probes-v1' ? `probe-${digit}.json` : digit.repeat(64));
  const filled = () => {
    const services = freshServices();
    for (const folder of folders) {
      mkdirSync(join(services.config.root, folder), { recursive: true });
      for (const digit of ['a', 'b']) writeFileSync(join(services.config.root, folder, nameIn(folder, digit)), 'x');
    }
    return services;
  };
  const left = ({ config }: Given) =>
    folders.map((folder) => existsSync(join(config.root, folder, nameIn(folder, 'a'))));
  const all = filled();
  await pruneStore(all, { all: true });
  assert.equal(left(all), [false, false, false, false, false]);
  const aged = filled();
  utimesSync(join(aged.config.root, 'logs', 'a'.repeat(64)), 1e9, 1e9);
  await pruneStore(aged, { all: false, unusedFor: 3600 });
  assert.equal(left(aged), [false, true, true, true, true]);
  const plain = filled();
  await pruneStore(plain, { all: false });
  assert.equal(left(plain), [true, true, true, true, true]);
});

test('prune forgets what has not been used for long', async () => {
  const services = freshServices();
  const cached = services.store.putSmall(MEDIA_TYPE.layer, 'cached layer');
  remember(services, cached.digest, cached.size);
  const later = { ...services, config: { ...services.config, now: () => '2100-01-01T00:00:00Z' } };
  assert.is((await pruneStore(later, { all: false, unusedFor: 3e9 })).cacheRecords, 0);
  assert.is((await pruneStore(later, { all: false, unusedFor: 3600 })).cacheRecords, 1);
});

test('prune does not run while a build does', async () => {
  const { store } = freshServices();
  await using _build = await store.lease();
  await refuses('in-use', () => store.exclusively(async () => {}, 0));
});

withNeeds(test, { programs: ['du'] })('du counts what du counts, every byte of it in one line', async () => {
  const services = freshServices();
  await tagged(services, ['x:1'], { label: 'x', layers: [Buffer.alloc(100_000, 1)] });
  await tagged(services, [], { label: 'dangling', layers: [Buffer.alloc(50_000, 2)] });
  services.store.putSmall(MEDIA_TYPE.layer, Buffer.alloc(20_000, 3));
  mkdirSync(join(services.config.root, 'mounts-v1/go'), { recursive: true });
  writeFileSync(join(services.config.root, 'mounts-v1/go/module'), Buffer.alloc(9000));
  for (const folder of [
    'http-v1',
    'git-v1/x',
    'parsed-v1',
    'probes-v1',
    'logs',
    'locks/index',
    'trees-v0',
    'mine/deep',
  ])
    mkdirSync(join(services.config.root, folder), { recursive: true });
  for (const file of ['http-v1/a', 'git-v1/x/y', 'parsed-v1/b', 'logs/c', 'trees-v0/d', 'mine/deep/e', 'images/other'])
    writeFileSync(join(services.config.root, file), Buffer.alloc(9000));
  const usage = await diskUsage(services);
  const judged = Number(execFileSync('du', ['-s', '-B1', services.config.root], { encoding: 'utf8' }).split('\t')[0]);
  assert.is(usage.bytes, judged);
  assert.is(
    usage.lines.reduce((sum, { bytes }) => sum + bytes, 0),
    judged,
  );
  const line = (kind: string) => usage.lines.find((candidate) => candidate.kind === kind)!;
  assert.is(line('images').count, 2);
  assert.ok(line('images').reclaimable >= 50_000 && line('images').reclaimable < 100_000);
  assert.ok(line('build-cache').bytes >= 20_000);
  assert.is(line('cache-mounts').reclaimable, 0);
  assert.equal([line('older-formats').names, line('unknown').names], [['trees-v0'], ['mine']]);
  assert.equal([line('fetched-sources').count, line('memories').count, line('logs').count], [2, 1, 1]);
  assert.is(line('unknown').reclaimable, 0);
  assert.not(usage.lines.some(({ kind }) => (kind as string) === 'other'));
});

test('what was saved loads as the same image under the same names', async () => {
  const [from, to] = [freshServices(), freshServices()];
  const { target, id } = await tagged(from, ['x:1', 'x:2', 'other:1'], { label: 'x', compression: 'gzip' });
  const dest = join(root, 'saved.tar');
  await saveImages(from, { images: ['x:1', 'x:2'], dest }, callFrom());
  const loaded = await loadImages(to, { input: { kind: 'path', path: dest } }, callFrom());
  assert.equal(loaded, [{ names: ['docker.io/library/x:1', 'docker.io/library/x:2'], id, digest: target.digest }]);
  assert.equal(
    to.store.list().map(({ name }) => name),
    ['docker.io/library/x:1', 'docker.io/library/x:2'],
  );
});

test('an image saved by its ID has no name, and loads as a dangling one', async () => {
  const [from, to] = [freshServices(), freshServices()];
  const { id } = await tagged(from, ['x:1'], { label: 'x' });
  const dest = join(root, 'saved-by-id.tar');
  await saveImages(from, { images: [id], dest }, callFrom());
  assert.equal(
    (await loadImages(to, { input: { kind: 'path', path: dest } }, callFrom())).map(({ names }) => names),
    [[]],
  );
  assert.equal(
    (await listImages(to, {})).map(({ id: found, repository }) => [found, repository]),
    [[id, undefined]],
  );
});

test('a load that is killed leaves a store that loads the same archive at once', async () => {
  const services = freshServices();
  const { store, config } = services;
  const path = join(root, 'large.tar');
  const { items, id } = dockerItems({
    tags: ['large:1'],
    layers: [Buffer.alloc(8_000_000, 1), Buffer.alloc(8_000_000, 2)],
  });
  writeFileSync(path, tarOf(items));
  for (const pause of [1, 15, 40]) {
    const child = await startChild('store-child.ts', ['load', config.root, path]);
    await sleep(pause);
    await child.kill();
    for (const { target } of store.list()) parseManifest(store.readSmall(target), target);
  }
  assert.is((await loadImages(services, { input: { kind: 'path', path } }, callFrom()))[0]?.id, id);
  await store.collect({ keep: () => false, waitMs: 0 });
  assert.equal(readdirSync(join(config.root, 'tmp')), []);
  assert.is([...store.blobs()].length, 4);
});

test('load refuses a path that is not there and an archive that is broken, and names nothing', async () => {
  const services = freshServices();
  const load = (path: string) => loadImages(services, { input: { kind: 'path', path } }, callFrom());
  await refuses('not-found', () => load('/no/such/file.tar'));
  const broken = join(root, 'broken.tar');
  writeFileSync(broken, tarOf([{ path: 'manifest.json', bytes: '[{"Config":"x","Layers":[]}]' }]));
  await refuses('invalid-archive', () => load(broken));
  assert.equal(services.store.list(), []);
  await services.store.collect({ keep: () => false, waitMs: 0 });
});

test.run();
