import { rmSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pullImage } from '../../../src/engine/images/pull.ts';
import { type PushServices, pushImage } from '../../../src/engine/images/push.ts';
import { openLayerOrigins } from '../../../src/engine/layer-origins.ts';
import { MkimageError } from '../../../src/errors.ts';
import { type Descriptor, MEDIA_TYPE, parseManifest, parseManifestOrIndex } from '../../../src/oci/index.ts';
import { createQuietCall } from '../../../src/progress.ts';
import { LayoutStore } from '../../../src/store/layout-store.ts';
import type { FilledRegistry } from '../../contract/registry.ts';
import { memoryRegistry } from '../../fakes/memory-registry.ts';
import { putImage, putIndex } from '../../support/images.ts';
import { rejects } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('push');
const call = createQuietCall();
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

interface Bench {
  readonly remote: FilledRegistry;
  readonly services: PushServices & { readonly store: LayoutStore };
}

function bench(remote = memoryRegistry()): Bench {
  const store = LayoutStore.open(tempDir('push'));
  const origins = openLayerOrigins({ directory: tempDir('origins'), now: () => Date.now() });
  const snapshotter = () => Promise.reject(new MkimageError('internal', 'not used'));
  const services = { store, registry: remote.registry, origins, snapshotter, catalog: { forget: () => {} } };
  const insecureRegistry = () => remote.registry;
  return { remote, services: { ...services, insecureRegistry, config: { platform: amd64 } } };
}

const NAME = 'memory.test/team/app';
const asked = (image: string) => ({ image, allTags: false, platform: undefined, insecure: false });
const there = (remote: FilledRegistry, name: { tag: string } | { digest: Descriptor['digest'] }) =>
  remote.registry.manifest({ registry: 'memory.test', repository: 'team/app', ...name }, call);

test('sends an image whose layers are compressed as it is, under its tag', async () => {
  const { remote, services } = bench();
  const target = putImage(services.store, { label: 'a', compression: 'gzip' });
  await services.store.tag([`${NAME}:1.0`], target);
  const result = await pushImage(services, asked(`${NAME}:1.0`), call);
  assert.is(result.repository, NAME);
  assert.equal(result.tags, [{ tag: '1.0', descriptor: target }]);
  assert.equal(
    result.layers.map(({ placement }) => placement),
    ['uploaded'],
  );
  assert.equal((await there(remote, { tag: '1.0' })).descriptor, target);
});

test('compresses layers that are stored plain, and every push gives the same digest', async () => {
  const { remote, services } = bench();
  const layers = [Buffer.alloc(100_000, 'one'), Buffer.alloc(100_000, 'two')];
  await services.store.tag([`${NAME}:1.0`], putImage(services.store, { label: 'plain', layers }));
  const first = await pushImage(services, asked(`${NAME}:1.0`), call);
  const manifest = parseManifest((await there(remote, { tag: '1.0' })).bytes, first.tags[0]!.descriptor);
  assert.equal(
    manifest.layers.map(({ mediaType }) => mediaType),
    [MEDIA_TYPE.layerGzip, MEDIA_TYPE.layerGzip],
  );
  assert.ok(manifest.layers.every(({ size }) => size < 2000));
  const second = await pushImage(services, asked(`${NAME}:1.0`), call);
  assert.equal(second.tags, first.tags);
  assert.equal(
    second.layers.map(({ placement }) => placement),
    ['present', 'present'],
  );
});

test('sends all images of an index, or the one of a platform', async () => {
  const { remote, services } = bench();
  const target = putIndex(services.store, 'multi', [amd64, arm64]);
  await services.store.tag([`${NAME}:all`], target);
  const [{ descriptor } = { descriptor: target }] = (await pushImage(services, asked(`${NAME}:all`), call)).tags;
  const found = parseManifestOrIndex((await there(remote, { tag: 'all' })).bytes, descriptor);
  if (found.kind !== 'index') return assert.unreachable('not an index');
  for (const { digest } of found.index.manifests) await there(remote, { digest });

  const one = await pushImage(services, { ...asked(`${NAME}:all`), platform: arm64 }, call);
  assert.is(one.tags[0]?.descriptor.digest, found.index.manifests[1]?.digest);
  assert.is((await there(remote, { tag: 'all' })).descriptor.mediaType, MEDIA_TYPE.manifest);
});

test('an index of which the store has one platform is sent only where the others are', async () => {
  const elsewhere = bench();
  const target = putIndex(elsewhere.services.store, 'part', [amd64, arm64]);
  await elsewhere.services.store.tag([`${NAME}:1.0`], target);
  const { services } = bench();
  const index = Buffer.from(elsewhere.services.store.readSmall(target));
  putImage(services.store, { label: 'part linux/amd64', platform: amd64 });
  await services.store.tag([`${NAME}:1.0`], services.store.putSmall(MEDIA_TYPE.index, index));
  const error = await rejects(pushImage(services, asked(`${NAME}:1.0`), call), 'not-found', /linux\/arm64/);
  assert.match(error.hint ?? '', /--platform/);
});

test('mounts a layer from the repository that it was pulled from, and names it', async () => {
  const remote = memoryRegistry();
  const maker = bench(remote);
  const base = { label: 'base', layers: [Buffer.alloc(5000, 'base')], compression: 'gzip' } as const;
  await maker.services.store.tag(['memory.test/library/base:1'], putImage(maker.services.store, base));
  await pushImage(maker.services, asked('memory.test/library/base:1'), call);

  const { services } = bench(remote);
  const tapLayer = () => new PassThrough();
  await pullImage({ ...services, tapLayer }, { image: 'memory.test/library/base:1', platform: amd64 }, call);
  await services.store.tag([`${NAME}:1.0`], services.store.resolve('memory.test/library/base:1')!.target);
  const { layers } = await pushImage(services, asked(`${NAME}:1.0`), call);
  assert.equal(
    layers.map(({ placement, mountedFrom }) => [placement, mountedFrom]),
    [['mounted', 'library/base']],
  );
});

test('a layer that is not in the store is fetched from where it was seen', async () => {
  const remote = memoryRegistry();
  const { services } = bench(remote);
  const target = putImage(services.store, { label: 'lazy', compression: 'gzip' });
  await services.store.tag([`${NAME}:1.0`, 'memory.test/other/app:1.0'], target);
  await pushImage(services, asked(`${NAME}:1.0`), call);
  const [layer] = parseManifest(services.store.readSmall(target), target).layers;
  rmSync(services.store.blobPath(layer!.digest));
  const unmountable = { ...remote.registry, repository: refuseMounts(remote.registry) };
  const { layers } = await pushImage({ ...services, registry: unmountable }, asked('memory.test/other/app:1.0'), call);
  assert.equal(
    layers.map(({ placement }) => placement),
    ['uploaded'],
  );

  const nowhere = openLayerOrigins({ directory: tempDir('origins'), now: () => Date.now() });
  await services.store.tag(['memory.test/third/app:1.0'], target);
  const error = await rejects(
    pushImage({ ...services, origins: nowhere }, asked('memory.test/third/app:1.0'), call),
    'not-found',
  );
  assert.match(error.hint ?? '', /pull/);
});

function refuseMounts({ repository }: FilledRegistry['registry']): FilledRegistry['registry']['repository'] {
  return (reference) => {
    const all = repository(reference);
    return { ...all, put: (blob, { mountFrom: _, ...options }, bounded) => all.put(blob, options, bounded) };
  };
}

test('sends all tags of a repository, and no others', async () => {
  const { remote, services } = bench();
  const one = putImage(services.store, { label: 'one', compression: 'gzip' });
  const two = putImage(services.store, { label: 'two', compression: 'gzip' });
  await services.store.tag([`${NAME}:1`, `${NAME}:latest`, 'memory.test/team/application:1'], one);
  await services.store.tag([`${NAME}:2`], two);
  const { tags } = await pushImage(services, { ...asked(NAME), allTags: true }, call);
  assert.equal(
    tags.map(({ tag, descriptor }) => [tag, descriptor.digest]),
    [
      ['1', one.digest],
      ['2', two.digest],
      ['latest', one.digest],
    ],
  );
  await rejects(
    remote.registry.manifest({ registry: 'memory.test', repository: 'team/application', tag: '1' }, call),
    'not-found',
  );
});

test('refuses names that the store does not have, digests, and a tag with --all-tags', async () => {
  const { services } = bench();
  const words = /does not exist locally with the tag: memory\.test\/team\/app:2/;
  await rejects(pushImage(services, asked(`${NAME}:2`), call), 'not-found', words);
  await rejects(pushImage(services, { ...asked(NAME), allTags: true }, call), 'not-found');
  await rejects(pushImage(services, { ...asked(`${NAME}:1`), allTags: true }, call), 'usage', /can't be used/);
  await rejects(pushImage(services, asked(`${NAME}@sha256:${'0'.repeat(64)}`), call), 'usage');
});

test.run();
