import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { storedImage } from '../../src/exporter/index.ts';
import { importArchive } from '../../src/importer/index.ts';
import { ANNOTATION, digestOf, MEDIA_TYPE, parseConfig, parseManifest } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { platformsOf } from '../../src/store/index.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { annotated, BlobItems, dockerItems, layoutItems } from '../support/image-archives.ts';
import { putImage, putIndex, putIndexBomb } from '../support/images.ts';
import { withNeeds } from '../support/needs.ts';
import { refuses } from '../support/rejects.ts';
import { type TarItem, tarOf } from '../support/tar-file.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('import of archives');
const root = tempDir('import');
let count = 0;
const freshStore = () => LayoutStore.open(join(root, String(count++)));

function load(store: LayoutStore, bytes: Uint8Array, chunk = 10_000) {
  const pieces = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) =>
    bytes.subarray(i * chunk, (i + 1) * chunk),
  );
  return importArchive(Readable.from(pieces), store, createQuietCall());
}

const loadItems = (store: LayoutStore, items: readonly TarItem[]) => load(store, tarOf(items));

test('every name that containerd gave an image is read, and its blobs are in the store', async () => {
  const store = freshStore();
  const blobs = new BlobItems();
  const image = putImage(blobs, { label: 'x', compression: 'gzip' });
  const entries = ['docker.io/library/x:1', 'localhost:5000/x:2'].map((name) =>
    annotated(image, { [ANNOTATION.imageName]: name, [ANNOTATION.refName]: 'latest' }),
  );
  const images = await loadItems(store, [...layoutItems(entries), ...blobs.items()]);
  assert.equal(images, [{ names: ['docker.io/library/x:1', 'localhost:5000/x:2'], target: image }]);
  const manifest = parseManifest(store.readSmall(image), image);
  for (const blob of [manifest.config, ...manifest.layers]) assert.ok(await store.has(blob));
});

test('blobs may come before the index, in pieces of any size', async () => {
  for (const chunk of [1, 511, 513]) {
    const store = freshStore();
    const blobs = new BlobItems();
    const image = putImage(blobs, { label: 'x' });
    const entry = annotated(image, { [ANNOTATION.refName]: 'team/x:3' });
    const [found] = await load(store, tarOf([...blobs.items(), ...layoutItems([entry])]), chunk);
    assert.equal(found?.names, ['docker.io/team/x:3']);
  }
});

test('a tag alone is no name', async () => {
  const blobs = new BlobItems();
  const image = putImage(blobs, { label: 'x' });
  const images = await loadItems(freshStore(), [
    ...layoutItems([annotated(image, { [ANNOTATION.refName]: 'latest' })]),
    ...blobs.items(),
  ]);
  assert.equal(images, [{ names: [], target: image }]);
});

test('an archive that is both takes its names from manifest.json when the index has none', async () => {
  const blobs = new BlobItems();
  const image = putImage(blobs, { label: 'x' });
  const config = parseManifest(blobs.bytesOf(image.digest)).config.digest.slice(7);
  const docker = JSON.stringify([{ Config: `blobs/sha256/${config}`, RepoTags: ['x:7'], Layers: [] }]);
  const items = [...layoutItems([image]), { path: 'manifest.json', bytes: docker }, ...blobs.items()];
  assert.equal((await loadItems(freshStore(), items))[0]?.names, ['docker.io/library/x:7']);
});

test('an index may lack platforms, but not all of them', async () => {
  const platforms = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ];
  const blobs = new BlobItems();
  const index = putIndex(blobs, 'multi', platforms);
  const { manifests } = JSON.parse(String(blobs.bytesOf(index.digest))) as { manifests: { digest: string }[] };
  const [amd64, arm64] = manifests.map(({ digest }) => digest) as [string, string];
  assert.is((await loadItems(freshStore(), [...layoutItems([index]), ...blobs.items([arm64])])).length, 1);
  await refuses('invalid-archive', () =>
    loadItems(freshStore(), [...layoutItems([index]), ...blobs.items([amd64, arm64])]),
  );
});

for (const [what, leave] of [
  ['its manifest', (digests: readonly string[]) => digests[0]!],
  ['its config', (digests: readonly string[]) => digests[1]!],
  ['a layer', (digests: readonly string[]) => digests[2]!],
] as const) {
  test(`an image that lacks ${what} is refused`, async () => {
    const blobs = new BlobItems();
    const image = putImage(blobs, { label: 'x' });
    const manifest = parseManifest(blobs.bytesOf(image.digest));
    const digests = [image.digest, manifest.config.digest, manifest.layers[0]!.digest];
    const items = [...layoutItems([image]), ...blobs.items([leave(digests)])];
    await refuses('invalid-archive', () => loadItems(freshStore(), items), /is missing/);
  });
}

test('a docker-archive keeps its image ID and its layers', async () => {
  const store = freshStore();
  const layers = [Buffer.alloc(70_000, 1), Buffer.alloc(1, 2)];
  const { items, id } = dockerItems({ tags: ['app:1', 'localhost/app'], layers });
  const [image] = await loadItems(store, items);
  assert.equal(image?.names, ['docker.io/library/app:1', 'localhost/app:latest']);
  const manifest = parseManifest(store.readSmall(image!.target), image!.target);
  assert.is(manifest.config.digest, id);
  assert.equal(
    manifest.layers,
    layers.map((layer) => ({ mediaType: MEDIA_TYPE.layer, digest: digestOf(layer), size: layer.length })),
  );
});

test('compressed layers of a docker-archive are taken for what they are', async () => {
  const store = freshStore();
  const { items } = dockerItems({ tags: null, layers: [Buffer.from('layer')], gzip: true });
  const [image] = await loadItems(store, items);
  assert.equal(image?.names, []);
  assert.is(parseManifest(store.readSmall(image!.target)).layers[0]?.mediaType, MEDIA_TYPE.layerGzip);
});

test('a layer that is a link to another one is found, however the archive writes it', async () => {
  const layer = Buffer.from('the same layer');
  const { items } = dockerItems({ tags: ['app'], layers: [layer, layer, layer] });
  const [, one, two, three] = items as [TarItem, TarItem, TarItem, TarItem];
  const linked: TarItem[] = [
    { path: two.path, symlink: `../${one.path}` },
    one,
    { path: `./${three.path}`, hardlink: `./${two.path}` },
  ];
  assert.is((await loadItems(freshStore(), [items[0]!, ...linked, items[4]!])).length, 1);
});

test('an archive of Docker before 1.10 becomes an image with a config of its own', async () => {
  const store = freshStore();
  const [low, top] = ['a'.repeat(64), 'b'.repeat(64)];
  const json = (id: string, more: object) => ({ path: `${id}/json`, bytes: JSON.stringify({ id, ...more }) });
  const [image] = await loadItems(store, [
    json(low, { created: '2014-01-01T00:00:00Z', container_config: { Cmd: ['/bin/sh', '-c', '#(nop) ADD'] } }),
    { path: `${low}/layer.tar`, bytes: 'low' },
    json(top, { parent: low, os: 'linux', architecture: 'amd64', config: { Cmd: ['sh'] } }),
    { path: `${top}/layer.tar`, bytes: 'top' },
    { path: 'repositories', bytes: JSON.stringify({ old: { '1': top, latest: top } }) },
  ]);
  assert.equal(image?.names, ['docker.io/library/old:1', 'docker.io/library/old:latest']);
  const config = parseConfig(store.readSmall(parseManifest(store.readSmall(image!.target)).config));
  assert.equal(config.rootfs.diff_ids, [digestOf('low'), digestOf('top')]);
  assert.equal(config.config, { Cmd: ['sh'] });
  assert.is(config.history[0]?.created_by, '/bin/sh -c #(nop) ADD');
});

test('a gzipped archive is read like a plain one', async () => {
  const { items } = dockerItems({ tags: ['app'], layers: [Buffer.alloc(300_000, 1)] });
  assert.is((await load(freshStore(), gzipSync(tarOf(items)))).length, 1);
});

withNeeds(test, { programs: ['zstd', 'xz', 'bzip2'] })('so are archives of other compressions', async () => {
  const tar = tarOf(dockerItems({ tags: ['app'], layers: [Buffer.alloc(300_000, 1)] }).items);
  for (const program of ['zstd', 'xz', 'bzip2']) {
    const packed = execFileSync(program, ['-q', '-c'], { input: tar });
    assert.is((await load(freshStore(), packed)).length, 1, program);
  }
});

const layer = Buffer.from('layer');
const good = dockerItems({ tags: ['app'], layers: [layer] }).items;
const manifestOf = (value: unknown): TarItem[] => [{ path: 'manifest.json', bytes: JSON.stringify(value) }];
const oneEntry = (more: object) => ({
  ...(JSON.parse(String((good[2] as { bytes: string }).bytes))[0] as object),
  ...more,
});
const own = 'c'.repeat(64);

const hostile: readonly [
  why: string,
  code: 'invalid-archive' | 'integrity' | 'unsupported' | 'invalid-reference',
  items: readonly TarItem[],
][] = [
  ['holds no image', 'invalid-archive', [{ path: 'etc/passwd', bytes: 'root' }]],
  ['is empty', 'invalid-archive', []],
  ['has a blob under a wrong name', 'integrity', [{ path: `blobs/sha256/${own}`, bytes: 'x' }]],
  ['has one path twice with different content', 'invalid-archive', [...good, { path: 'manifest.json', bytes: '[]' }]],
  [
    'has a layer that is not its diffId',
    'integrity',
    dockerItems({ tags: null, layers: [layer], diffIds: [digestOf('x')] }).items,
  ],
  ['has more layers than diffIds', 'invalid-archive', dockerItems({ tags: null, layers: [layer], diffIds: [] }).items],
  [
    'names a layer outside of it',
    'invalid-archive',
    [good[0]!, good[1]!, ...manifestOf([oneEntry({ Layers: ['../../../../etc/passwd'] })])],
  ],
  ['names an absolute config', 'invalid-archive', [good[1]!, ...manifestOf([oneEntry({ Config: '/etc/passwd' })])]],
  [
    'has a layer that links out of it',
    'invalid-archive',
    [good[0]!, { path: good[1]!.path, symlink: '../../../../etc/passwd' }, good[2]!],
  ],
  [
    'has a layer that links to itself',
    'invalid-archive',
    [good[0]!, { path: good[1]!.path, symlink: 'layer.tar' }, good[2]!],
  ],
  [
    'has a layer that is a directory',
    'invalid-archive',
    [good[0]!, { path: good[1]!.path, directory: true }, good[2]!],
  ],
  ['has a manifest.json that is no list', 'invalid-archive', [...good.slice(0, 2), ...manifestOf({})]],
  [
    'has layers that are no texts',
    'invalid-archive',
    [...good.slice(0, 2), ...manifestOf([oneEntry({ Layers: [1] })])],
  ],
  [
    'has a tag that is no name',
    'invalid-reference',
    [...good.slice(0, 2), ...manifestOf([oneEntry({ RepoTags: ['../../x'] })])],
  ],
  [
    'has a layout of another version',
    'unsupported',
    [{ path: 'oci-layout', bytes: '{"imageLayoutVersion":"9"}' }, ...layoutItems([]).slice(1)],
  ],
  [
    'has an old image that is its own parent',
    'invalid-archive',
    [
      { path: 'repositories', bytes: JSON.stringify({ a: { b: own } }) },
      { path: `${own}/json`, bytes: JSON.stringify({ id: own, parent: own }) },
      { path: `${own}/layer.tar`, bytes: 'x' },
    ],
  ],
  [
    'has an old image with a path for an ID',
    'invalid-archive',
    [{ path: 'repositories', bytes: '{"a":{"b":"../../etc"}}' }],
  ],
];

for (const [why, code, items] of hostile) {
  test(`an archive that ${why} is refused and nothing is half-written`, async () => {
    const store = freshStore();
    await refuses(code, () => loadItems(store, items));
    assert.equal(readdirSync(join(store.directory, '..', 'tmp')), []);
    await store.collect({ keep: () => false });
    assert.equal([...store.blobs()], []);
  });
}

test('an archive that is cut off is refused and nothing is half-written', async () => {
  const store = freshStore();
  const tar = tarOf(dockerItems({ tags: ['app'], layers: [Buffer.alloc(300_000, 1)] }).items);
  await refuses('invalid-archive', () => load(store, tar.subarray(0, 200_000)));
  assert.equal(readdirSync(join(store.directory, '..', 'tmp')), []);
});

test('bytes that are no archive are refused', async () => {
  await refuses('invalid-archive', () => load(freshStore(), Buffer.alloc(5000, 'x')));
  await refuses('invalid-archive', () => load(freshStore(), gzipSync(Buffer.alloc(5000, 'x'))));
  await refuses('invalid-archive', () => load(freshStore(), Buffer.alloc(0)));
});

test('an index that lists the same thousands of times over and over is walked once, here and later', async () => {
  const store = freshStore();
  const blobs = new BlobItems();
  const index = putIndexBomb(blobs, 3);
  const [image] = await loadItems(store, [...layoutItems([index]), ...blobs.items()]);
  assert.is(image?.target.digest, index.digest);
  assert.is(platformsOf(store, index).length, 1000);
  const platform = { os: 'linux', architecture: 'amd64' };
  assert.is((await storedImage(store, index, { names: [], platform })).blobs.length, 6);
});

test.run();
