import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseOutput } from '../../src/docker-syntax/outputs/output.ts';
import { type ExportServices, exportImage } from '../../src/exporter/export-image.ts';
import type { ExportImage } from '../../src/exporter/sealed-image.ts';
import {
  type Descriptor,
  type Digest,
  digestOf,
  encodedOf,
  formatCanonicalJson,
  type Layer,
  type Manifest,
  MEDIA_TYPE,
  parseManifest,
} from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { exporterContract } from '../contract/exporter.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const AMD64 = { os: 'linux', architecture: 'amd64' };
const test = suite('image export');
const call = createQuietCall();
const home = tempDir('export');

const own = Buffer.alloc(3_000_000, 'a layer that this build made. ');
const base = Buffer.alloc(500_000, 'a layer of the base. ');

interface Bench {
  readonly store: LayoutStore;
  readonly services: ExportServices;
  readonly image: ExportImage;
  readonly directory: string;
}

/** An image of a base layer stored as gzip and an own layer stored plain. */
function bench(): Bench {
  const directory = mkdtempSync(join(home, 'bench-'));
  const store = LayoutStore.open(join(directory, 'store'));
  const layers: Layer[] = [
    { diffId: digestOf(base), blob: store.putSmall(MEDIA_TYPE.dockerLayerGzip, gzipSync(base)) },
    { diffId: digestOf(own), blob: store.putSmall(MEDIA_TYPE.layer, own) },
  ];
  const config = formatCanonicalJson({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: [],
  });
  const noTree = async () => {
    throw new Error('no tree is needed');
  };
  const services = { store, catalog: { tree: noTree }, stdout: () => new Writable(), step: 'export/0' };
  const image: ExportImage = {
    images: [{ config: Buffer.from(config), layers, platform: AMD64 }],
    isIndex: false,
    names: ['docker.io/library/app:v1'],
    annotations: [],
    hostPlatform: AMD64,
  };
  return { store, services, image, directory };
}

async function exported({ services, image, directory }: Bench, options: string, name = 'app.tar') {
  const dest = join(directory, name);
  const result = await exportImage(image, parseOutput(`dest=${dest},${options}`), { services, call });
  const blob = (digest: Digest) =>
    execFileSync('tar', ['-xOf', dest, `blobs/sha256/${encodedOf(digest)}`], { maxBuffer: 64 << 20 });
  const manifest = parseManifest(blob(result.descriptor!.digest), result.descriptor!);
  return { dest, result, manifest, blob };
}

test("compresses own layers with gzip, copies compressed ones, and says OCI's words for all", async () => {
  const at = bench();
  const { manifest, blob } = await exported(at, 'type=oci');
  assert.equal(
    manifest.layers.map(({ mediaType }) => mediaType),
    [MEDIA_TYPE.layerGzip, MEDIA_TYPE.layerGzip],
  );
  assert.is(manifest.layers[0]!.digest, at.image.images[0].layers[0]!.blob.digest);
  assert.is(digestOf(gunzipSync(blob(manifest.layers[1]!.digest))), digestOf(own));
  assert.is(manifest.config.digest, digestOf(at.image.images[0].config));
  assert.equal(blob(manifest.config.digest), at.image.images[0].config);
});

test('compresses nothing twice', async () => {
  const at = bench();
  const first = await exported(at, 'type=oci');
  const made = at.store.formsOf(digestOf(own)).find(({ compression }) => compression === 'gzip')!;
  assert.is(made.blob.digest, first.manifest.layers[1]!.digest);

  let created = 0;
  const create = at.store.create.bind(at.store);
  at.store.create = () => {
    created++;
    return create();
  };
  const second = await exported(at, 'type=docker', 'again.tar');
  assert.is(created, 0);
  assert.is(digestOf(readFileSync(first.dest)), digestOf(readFileSync(second.dest)));
});

test('does not take a form that another tool made', async () => {
  const at = bench();
  const foreign = at.store.putSmall(MEDIA_TYPE.layerGzip, gzipSync(own, { level: 1 }));
  at.store.addForm(digestOf(own), { compression: 'gzip', blob: foreign, recipe: 'foreign' });
  const { manifest } = await exported(at, 'type=oci');
  assert.is.not(manifest.layers[1]!.digest, foreign.digest);
});

test('writes layers plain if asked, and those of the base only if forced', async () => {
  const at = bench();
  const plain = await exported(at, 'type=oci,compression=uncompressed');
  assert.equal(
    plain.manifest.layers.map(({ mediaType }) => mediaType),
    [MEDIA_TYPE.layerGzip, MEDIA_TYPE.layer],
  );
  const forced = await exported(at, 'type=oci,compression=uncompressed,force-compression=true', 'forced.tar');
  assert.equal(
    forced.manifest.layers.map(({ mediaType, digest }) => [mediaType, digest]),
    [
      [MEDIA_TYPE.layer, digestOf(base)],
      [MEDIA_TYPE.layer, digestOf(own)],
    ],
  );
});

test('compresses all layers again with force, at the requested level', async () => {
  const at = bench();
  const { manifest, blob } = await exported(at, 'type=oci,compression=zstd,compression-level=5,force-compression=true');
  assert.equal(
    manifest.layers.map(({ mediaType }) => mediaType),
    [MEDIA_TYPE.layerZstd, MEDIA_TYPE.layerZstd],
  );
  assert.is(blob(manifest.layers[0]!.digest).readUInt32LE(0), 0xfd2fb528);
  assert.match(at.store.formsOf(digestOf(base)).at(-1)!.recipe, /^zstd\/5\//);
});

test("says Docker's words if asked", async () => {
  const { manifest, result } = await exported(bench(), 'type=docker,oci-mediatypes=false');
  assert.is(result.descriptor!.mediaType, MEDIA_TYPE.dockerManifest);
  assert.is(manifest.config.mediaType, MEDIA_TYPE.dockerConfig);
  assert.equal(
    manifest.layers.map(({ mediaType }) => mediaType),
    [MEDIA_TYPE.dockerLayerGzip, MEDIA_TYPE.dockerLayerGzip],
  );
});

test('puts annotations where they belong', async () => {
  const at = bench();
  const image = { ...at.image, annotations: [{ place: 'manifest' as const, key: 'from', value: 'build' }] };
  const options = 'type=oci,annotation.of=output,annotation-manifest-descriptor.on=descriptor';
  const { dest, manifest } = await exported({ ...at, image }, options);
  assert.equal(manifest.annotations, { from: 'build', of: 'output' });
  const index = JSON.parse(execFileSync('tar', ['-xOf', dest, 'index.json'], { encoding: 'utf8' }));
  assert.is(index.manifests[0].annotations.on, 'descriptor');
});

test('adds the names of the output to those of the build', async () => {
  const { dest } = await exported(bench(), 'type=oci,"name=app:v1,other:v2"');
  const [{ RepoTags }] = JSON.parse(execFileSync('tar', ['-xOf', dest, 'manifest.json'], { encoding: 'utf8' }));
  assert.equal(RepoTags, ['app:v1', 'other:v2']);
});

test('keeps an image in the store under new names and in another form', async () => {
  const at = bench();
  const kept = await exportImage(at.image, parseOutput('type=image,name=kept'), { services: at.services, call });
  assert.is(at.store.resolve('docker.io/library/kept:latest')?.target.digest, kept.descriptor!.digest);
  const stored = parseManifest(at.store.readSmall(kept.descriptor!), kept.descriptor);
  assert.equal(
    stored.layers.map(({ digest }) => digest),
    at.image.images[0].layers.map(({ blob }) => blob.digest),
  );
  await exportImage(at.image, parseOutput('type=image,compression=gzip'), { services: at.services, call });
  const named = at.store.resolve('docker.io/library/app:v1')!.target;
  assert.is(parseManifest(at.store.readSmall(named), named).layers[1]!.mediaType, MEDIA_TYPE.layerGzip);
});

/** The image of the bench for two platforms. */
function withTwo(at: Bench): Bench {
  const [first] = at.image.images;
  const config = Buffer.from(Buffer.from(first.config).toString().replace('"amd64"', '"arm64"'));
  const second = { config, layers: first.layers.slice(0, 1), platform: { ...AMD64, architecture: 'arm64' } };
  return { ...at, image: { ...at.image, images: [first, second], isIndex: true } };
}

test('writes an index of the manifests with their platforms, and Docker loads the one of this machine', async () => {
  const at = withTwo(bench());
  const dest = join(at.directory, 'two.tar');
  const { descriptor } = await exportImage(at.image, parseOutput(`type=oci,dest=${dest}`), {
    services: at.services,
    call,
  });
  const read = (path: string) => JSON.parse(execFileSync('tar', ['-xOf', dest, path], { encoding: 'utf8' }));
  const blob = (digest: Digest) => read(`blobs/sha256/${encodedOf(digest)}`);
  assert.is(descriptor!.mediaType, MEDIA_TYPE.index);
  const [entry] = read('index.json').manifests;
  assert.is(entry.digest, descriptor!.digest);
  const { manifests } = blob(entry.digest);
  assert.equal(
    manifests.map(({ platform }: { platform: object }) => platform),
    [AMD64, { ...AMD64, architecture: 'arm64' }],
  );
  const [one, two] = manifests.map(({ digest }: { digest: Digest }) => blob(digest));
  assert.equal([one.layers.length, two.layers.length], [2, 1]);
  assert.is(blob(two.config.digest).architecture, 'arm64');
  const [{ Config, RepoTags }] = read('manifest.json');
  assert.equal([Config, RepoTags], [`blobs/sha256/${encodedOf(one.config.digest)}`, ['app:v1']]);
});

test('annotations of an index, its manifests and their descriptors go where they belong', async () => {
  const at = withTwo(bench());
  const places = ['annotation-index.i=1', 'annotation-index-descriptor.id=2', 'annotation.m=3'];
  const some = ['annotation-manifest[linux/arm64].arm=4', 'annotation-manifest-descriptor[linux/amd64].amd=5'];
  const options = ['type=image', 'name=two', ...places, ...some].join(',');
  const { descriptor } = await exportImage(at.image, parseOutput(options), { services: at.services, call });
  assert.equal(descriptor!.annotations, { id: '2' });
  const index = JSON.parse(Buffer.from(at.store.readSmall(descriptor!)).toString());
  assert.equal(index.annotations, { i: '1' });
  assert.equal(
    index.manifests.map(({ annotations }: Descriptor) => annotations),
    [{ amd: '5' }, undefined],
  );
  const manifests = index.manifests.map((each: Descriptor) => parseManifest(at.store.readSmall(each), each));
  assert.equal(
    manifests.map(({ annotations }: Manifest) => annotations),
    [{ m: '3' }, { arm: '4', m: '3' }],
  );
});

test("an index of one image is still an index, and says so in Docker's words too", async () => {
  const at = bench();
  const image = { ...at.image, isIndex: true };
  const options = 'type=image,name=one,oci-mediatypes=false';
  const { descriptor } = await exportImage(image, parseOutput(options), { services: at.services, call });
  assert.is(descriptor!.mediaType, MEDIA_TYPE.dockerManifestList);
  const { manifests } = JSON.parse(Buffer.from(at.store.readSmall(descriptor!)).toString());
  assert.equal([manifests.length, manifests[0].mediaType], [1, MEDIA_TYPE.dockerManifest]);
});

test('writes nothing for cacheonly', async () => {
  const at = bench();
  const result = await exportImage(at.image, parseOutput('type=cacheonly'), { services: at.services, call });
  assert.equal(result, { descriptor: undefined });
});

test('stops compressing when cancelled and leaves no file', async () => {
  const at = bench();
  const cancelled = { ...call, signal: AbortSignal.abort() };
  const output = parseOutput(`type=oci,dest=${join(at.directory, 'app.tar')}`);
  await rejects(exportImage(at.image, output, { services: at.services, call: cancelled }), 'cancelled');
  assert.is(at.store.formsOf(digestOf(own)).length, 1);
});

test.run();

for (const options of ['type=oci', 'type=docker', 'type=tar']) exporterContract({ options });
for (const type of ['oci', 'docker'])
  exporterContract({ options: `type=${type},tar=false`, folder: { last: 'index.json' } });
exporterContract({ options: 'type=local', folder: { last: undefined } });
