import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchLayers } from '../../src/engine/images/fetch-layers.ts';
import { type PullServices, pullImage } from '../../src/engine/images/pull.ts';
import { resolveImage } from '../../src/engine/images/resolve-image.ts';
import { openLayerOrigins } from '../../src/engine/layer-origins.ts';
import { MkimageError } from '../../src/errors.ts';
import { type Descriptor, type Digest, digestOf, formatCanonicalJson, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall, type ProgressEvent } from '../../src/progress.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { putImage, putIndex } from '../support/images.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { registryClient } from '../support/registry-client.ts';
import { rejects } from '../support/rejects.ts';
import { type ServedImages, serveImages } from '../support/served-images.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('pull');
const call = createQuietCall();
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };
const retries = { retries: 1, firstDelay: 1, longestDelay: 10 };

interface Bench extends AsyncDisposable {
  readonly remote: ServedImages;
  readonly services: PullServices & { readonly store: LayoutStore };
}

async function bench(): Promise<Bench> {
  const remote = await serveImages();
  const registry = registryClient({ retries });
  const store = LayoutStore.open(tempDir('pull'));
  return {
    remote,
    services: { store, registry, tapLayer, config: { platform: amd64 }, origins: originsIn(tempDir('origins')) },
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      await remote[Symbol.asyncDispose]();
    },
  };
}

const originsIn = (directory: string) => openLayerOrigins({ directory, now: () => Date.now() });

/** Checks a diffId as the layer catalog does, with nothing but Node. */
function tapLayer(blob: Descriptor, diffId: Digest): Transform {
  const hash = createHash('sha256');
  const gunzip = blob.mediaType.endsWith('gzip') ? createGunzip() : undefined;
  gunzip?.on('data', (bytes: Uint8Array) => hash.update(bytes));
  return new Transform({
    transform(chunk, _encoding, done) {
      if (gunzip === undefined) hash.update(chunk);
      else gunzip.write(chunk);
      done(null, chunk);
    },
    flush(done) {
      const check = () => {
        const found = `sha256:${hash.digest('hex')}`;
        done(found === diffId ? null : new MkimageError('integrity', `layer: expected ${diffId}, found ${found}`));
      };
      if (gunzip === undefined) check();
      else gunzip.once('end', check).end();
    },
  });
}

test('brings an image whole into the store under its full name, and asks for no layer twice', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const twice = Buffer.alloc(70_000, 'twice');
  remote.tag(
    'app:v1',
    putImage(remote, { label: 'a', layers: [twice, Buffer.from('one'), twice], compression: 'gzip' }),
  );

  const image = await pullImage(services, { image: `${remote.host}/app:v1`, platform: amd64 }, call);
  assert.is(image.layers.length, 3);
  for (const { blob } of image.layers) assert.ok(await services.store.has(blob));
  assert.is(services.store.resolve(`${remote.host}/app:v1`)?.target.digest, image.manifest.digest);
  assert.is(services.store.formsOf(digestOf(twice))[0]?.compression, 'gzip');
  assert.is(remote.asked().length, 4, 'manifest, config and two different layers');

  await pullImage(services, { image: `${remote.host}/app:v1`, platform: amd64 }, call);
  assert.is(remote.asked().length, 5, 'only the manifest is asked for again');
});

test('reports the bytes of every layer and how it ended', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const layer = Buffer.alloc(3_000_000, 7);
  remote.tag('app:v1', putImage(remote, { label: 'a', layers: [layer] }));
  const events: ProgressEvent[] = [];
  await pullImage(
    services,
    { image: `${remote.host}/app:v1`, platform: amd64 },
    { ...call, report: (event) => events.push(event) },
  );

  assert.is(events[0]?.type, 'step-started');
  assert.is(events.at(-1)?.type, 'step-finished');
  const progress = events.filter((event) => event.type === 'step-progress');
  assert.equal(
    progress.map(({ done }) => done),
    progress.map((_event, index) => index === progress.length - 1),
  );
  assert.is(progress.at(-1)?.current, layer.length);
  assert.ok(progress.length >= 2 && progress.length <= 4);
});

test('takes the manifest of the platform that is asked for out of an index', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const index = putIndex(remote, 'multi', [amd64, arm64]);
  remote.tag('multi:latest', index);
  const [first, second] = [
    await pullImage(services, { image: `${remote.host}/multi`, platform: amd64 }, call),
    await pullImage(services, { image: `${remote.host}/multi`, platform: arm64 }, call),
  ];
  assert.is(first.config.architecture, 'amd64');
  assert.is(second.config.architecture, 'arm64');
  assert.is(services.store.resolve(`${remote.host}/multi:latest`)?.target.digest, index.digest);

  const s390x = { os: 'linux', architecture: 's390x' };
  const error = await rejects(
    pullImage(services, { image: `${remote.host}/multi`, platform: s390x }, call),
    'not-found',
    /linux\/s390x/,
  );
  assert.match(error.hint ?? '', /linux\/amd64, linux\/arm64/);
});

test('resolves a name that the store holds without any network, and a digest even when asked to pull', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const manifest = putImage(remote, { label: 'a' });
  remote.tag('app:v1', manifest);
  const byTag = `${remote.host}/app:v1`;
  const byDigest = `${remote.host}/app@${manifest.digest}`;
  for (const name of [byTag, byDigest])
    await resolveImage(services, { text: name, platform: amd64, pull: false }, call);
  const before = remote.asked().length;
  assert.is(before, 2, 'manifest and config, no layer; the digest is found by what the tag brought');

  const again = await resolveImage(services, { text: byTag, platform: amd64, pull: false }, call);
  assert.is(again.manifest.digest, manifest.digest);
  await resolveImage(services, { text: byDigest, platform: amd64, pull: true }, call);
  assert.is(remote.asked().length, before);
});

test('follows a tag that moved only when asked to pull', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const [old, young] = [putImage(remote, { label: 'old' }), putImage(remote, { label: 'young' })];
  const name = `${remote.host}/app:v1`;
  remote.tag('app:v1', old);
  await resolveImage(services, { text: name, platform: amd64, pull: false }, call);
  remote.tag('app:v1', young);
  assert.is(
    (await resolveImage(services, { text: name, platform: amd64, pull: false }, call)).manifest.digest,
    old.digest,
  );
  assert.is(
    (await resolveImage(services, { text: name, platform: amd64, pull: true }, call)).manifest.digest,
    young.digest,
  );
});

test('leaves neither name nor layer behind when a layer has other bytes than announced', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const [good, bad] = [Buffer.alloc(50_000, 1), Buffer.alloc(50_000, 2)];
  remote.tag('app:v1', putImage(remote, { label: 'a', layers: [good, bad] }));
  remote.blobs.get(digestOf(bad))!.bytes = Buffer.alloc(50_000, 3);

  await rejects(pullImage(services, { image: `${remote.host}/app:v1`, platform: amd64 }, call), 'integrity');
  assert.is(services.store.resolve(`${remote.host}/app:v1`), undefined);
  assert.not.ok(await services.store.has({ mediaType: MEDIA_TYPE.layer, digest: digestOf(bad), size: bad.length }));
});

test('refuses a layer whose content is not the diffId of the config', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const layer = remote.putSmall(MEDIA_TYPE.layerGzip, gzipSync('really this'));
  remote.tag('app:v1', imageOf(remote, [layer], [digestOf('something else')]));
  await rejects(
    pullImage(services, { image: `${remote.host}/app:v1`, platform: amd64 }, call),
    'integrity',
    /expected sha256:/,
  );
  assert.not.ok(await services.store.has(layer));
});

test('refuses a config that counts other layers than the manifest', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const layer = remote.putSmall(MEDIA_TYPE.layer, 'a layer');
  remote.tag('app:v1', imageOf(remote, [layer], [layer.digest, layer.digest]));
  await rejects(
    pullImage(services, { image: `${remote.host}/app:v1`, platform: amd64 }, call),
    'invalid-archive',
    /2 diff_ids for 1 layers/,
  );
});

test('never asks the address of a foreign layer, but takes the layer from the registry if it is there', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const tar = Buffer.from('windows');
  const blob = {
    ...remote.putSmall(MEDIA_TYPE.dockerForeignLayer, gzipSync(tar)),
    urls: [`http://${remote.host}/evil`],
  };
  remote.tag('app:v1', imageOf(remote, [blob], [digestOf(tar)]));
  await pullImage(services, { image: `${remote.host}/app:v1`, platform: amd64 }, call);
  assert.ok(await services.store.has(blob));

  const absent = { ...blob, digest: digestOf('absent'), size: 6 };
  remote.tag('app:v2', imageOf(remote, [absent], [digestOf(tar)]));
  const error = await rejects(
    pullImage(services, { image: `${remote.host}/app:v2`, platform: amd64 }, call),
    'unsupported',
    /foreign layer/,
  );
  assert.match(error.hint ?? '', /never followed/);
  assert.not.ok(remote.asked().includes('/evil'));
});

test('refuses what is no container image', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const config = remote.putSmall('application/vnd.cncf.helm.config.v1+json', '{}');
  remote.tag('chart:v1', manifestOf(remote, config, []));
  await rejects(
    pullImage(services, { image: `${remote.host}/chart:v1`, platform: amd64 }, call),
    'unsupported',
    /not a container image/,
  );

  const layer = {
    ...remote.putSmall('application/x-secret', 'x'),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+encrypted',
  };
  remote.tag('secret:v1', imageOf(remote, [layer], [layer.digest]));
  await rejects(
    pullImage(services, { image: `${remote.host}/secret:v1`, platform: amd64 }, call),
    'unsupported',
    /unknown layer type/,
  );
});

test('refuses an index that leads back to itself', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const inner = remote.putSmall(MEDIA_TYPE.index, formatCanonicalJson({ schemaVersion: 2, manifests: [] }));
  let index: Descriptor = inner;
  for (let depth = 0; depth < 5; depth++) {
    index = remote.putSmall(
      MEDIA_TYPE.index,
      formatCanonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [index] }),
    );
  }
  remote.tag('deep:v1', index);
  await rejects(
    pullImage(services, { image: `${remote.host}/deep:v1`, platform: amd64 }, call),
    'unsupported',
    /nested/,
  );
});

test('refuses a manifest of another size than its index says', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const manifest = { ...putImage(remote, { label: 'a' }), platform: amd64 };
  const lying = { ...manifest, size: manifest.size + 1 };
  remote.tag(
    'app:v1',
    remote.putSmall(MEDIA_TYPE.index, formatCanonicalJson({ schemaVersion: 2, manifests: [lying] })),
  );
  await rejects(
    pullImage(services, { image: `${remote.host}/app:v1`, platform: amd64 }, call),
    'integrity',
    /the index says/,
  );
});

test('fetches the layers of a resolved image later, and stops all transfers when cancelled', async () => {
  await using made = await bench();
  const { remote, services } = made;
  const layers = [1, 2, 3, 4, 5, 6].map((fill) => Buffer.alloc(200_000, fill));
  remote.tag('app:v1', putImage(remote, { label: 'a', layers }));
  const image = await resolveImage(services, { text: `${remote.host}/app:v1`, platform: amd64, pull: false }, call);

  const controller = new AbortController();
  const cancelling = { signal: controller.signal, report: () => controller.abort() };
  await rejects(fetchLayers(services, { image, step: 'base/0' }, cancelling), 'cancelled');
  await fetchLayers(services, { image, step: 'base/0' }, call);
  for (const { blob } of image.layers) assert.ok(await services.store.has(blob));
});

const whereInstalled = withNeeds(test, { programs: [REGISTRY_PROGRAM] });

whereInstalled('pulls from a real registry', async () => {
  await using remote = await startRegistry();
  await using registry = registryClient();
  const store = LayoutStore.open(tempDir('pull-real'));
  const waiting: (() => Promise<void>)[] = [];
  const sink = {
    putSmall: (mediaType: string, content: Uint8Array | string) => {
      const bytes = Buffer.from(content);
      waiting.push(() =>
        mediaType === MEDIA_TYPE.manifest
          ? remote.putManifest('team/app', 'v1', mediaType, bytes)
          : remote.putBlob('team/app', bytes),
      );
      return { mediaType, digest: digestOf(bytes), size: bytes.length };
    },
  };
  const manifest = putImage(sink, { label: 'real', layers: [Buffer.alloc(500_000, 'real')], compression: 'gzip' });
  for (const put of waiting) await put();

  const image = await pullImage(
    { store, registry, tapLayer, config: { platform: amd64 }, origins: originsIn(tempDir('origins')) },
    { image: `${remote.host}/team/app:v1`, platform: amd64 },
    call,
  );
  assert.is(image.manifest.digest, manifest.digest);
  assert.ok(await store.has(image.layers[0]!.blob));
});

function imageOf(remote: ServedImages, layers: readonly Descriptor[], diffIds: readonly Digest[]): Descriptor {
  const config = { ...amd64, config: {}, rootfs: { type: 'layers', diff_ids: diffIds }, history: [] };
  return manifestOf(remote, remote.putSmall(MEDIA_TYPE.config, formatCanonicalJson(config)), layers);
}

function manifestOf(remote: ServedImages, config: Descriptor, layers: readonly Descriptor[]): Descriptor {
  const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers };
  return remote.putSmall(MEDIA_TYPE.manifest, formatCanonicalJson(manifest));
}

test.run();
