import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalCache } from '../../../src/cache/local.ts';
import { cachedLayers } from '../../../src/engine/state/kept-layers.ts';
import { liveLayers } from '../../../src/engine/state/live-layers.ts';
import { computeChainId, digestOf, MEDIA_TYPE, parseManifest } from '../../../src/oci/index.ts';
import { LayoutStore } from '../../../src/store/layout-store.ts';
import { putImage, putIndex } from '../../support/images.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('layers that are in use');
const root = tempDir('live-layers');
const tars = [Buffer.from('lower'), Buffer.from('upper')];

test('an image keeps its manifest, config and layers, and every chain that it goes through', () => {
  const store = LayoutStore.open(join(root, 'image'));
  const target = putImage(store, { label: 'x', layers: tars, compression: 'gzip' });
  const { config, layers } = parseManifest(store.readSmall(target));
  const live = liveLayers(store, [{ name: 'x', target }]);
  assert.equal([...live.blobs].sort(), [target, config, ...layers].map(({ digest }) => digest).sort());
  const [lower, upper] = tars.map((tar) => digestOf(tar));
  assert.equal([...live.diffIds], [lower, upper]);
  assert.equal([...live.chains], [computeChainId([lower!]), computeChainId([lower!, upper!])]);
});

test('an index keeps the images of all its platforms', () => {
  const store = LayoutStore.open(join(root, 'index'));
  const platforms = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ];
  const target = putIndex(store, 'x', platforms);
  assert.is(liveLayers(store, [{ name: 'x', target }]).diffIds.size, 2);
});

test('what is missing of an image is a leaf: the rest of it is kept', () => {
  const store = LayoutStore.open(join(root, 'missing'));
  const target = putImage(store, { label: 'x', layers: tars });
  const { config, layers } = parseManifest(store.readSmall(target));
  rmSync(store.blobPath(config.digest));
  const live = liveLayers(store, [{ name: 'x', target }]);
  for (const { digest } of layers) assert.ok(live.blobs.has(digest));
  assert.is(live.chains.size, 0);
});

test('a record of the cache keeps its layer under both of its names, and one without a layer keeps none', () => {
  const cache = openLocalCache({ directory: join(root, 'cache-v1'), now: () => 0 });
  const [diffId, blob] = [digestOf('plain'), digestOf('compressed')];
  const layer = { diffId, blob: { mediaType: MEDIA_TYPE.layer, digest: blob, size: 5 } };
  cache.save(digestOf('one'), { parts: [], layer, createdAt: '2024-01-01T00:00:00Z' });
  cache.save(digestOf('two'), { parts: [], layer: null, createdAt: '2024-01-01T00:00:00Z' });
  assert.equal([...cachedLayers(cache)].sort(), [diffId, blob].sort());
});

test.run();
