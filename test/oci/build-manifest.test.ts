import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildIndex, buildManifest, digestOf, MEDIA_TYPE, parseIndex, parseManifest } from '../../src/oci/index.ts';

const test = suite('building manifests');

const config = { digest: digestOf('config'), size: 6 };
const blob = (mediaType: string) => ({ mediaType, digest: digestOf(mediaType), size: 1 });
const MIXED = [blob(MEDIA_TYPE.layerGzip), blob(MEDIA_TYPE.dockerLayerGzip), blob(MEDIA_TYPE.layerZstd)];

test('a manifest speaks one language, whatever its layers came with', () => {
  for (const [dialect, config_, layers] of [
    ['oci', MEDIA_TYPE.config, [MEDIA_TYPE.layerGzip, MEDIA_TYPE.layerGzip, MEDIA_TYPE.layerZstd]],
    [
      'docker',
      MEDIA_TYPE.dockerConfig,
      [MEDIA_TYPE.dockerLayerGzip, MEDIA_TYPE.dockerLayerGzip, MEDIA_TYPE.dockerLayerZstd],
    ],
  ] as const) {
    const { descriptor, bytes } = buildManifest({ dialect, config, layers: MIXED });
    const manifest = parseManifest(bytes, descriptor);
    assert.is(manifest.config.mediaType, config_);
    assert.equal(
      manifest.layers.map(({ mediaType }) => mediaType),
      layers,
    );
    assert.equal(
      manifest.layers.map(({ digest }) => digest),
      MIXED.map(({ digest }) => digest),
    );
  }
});

test('a type that is no layer of an image stays as it is', () => {
  const { bytes } = buildManifest({ config, layers: [blob('application/x.other')] });
  assert.is(parseManifest(bytes).layers[0]?.mediaType, 'application/x.other');
});

test('the descriptor is that of the bytes', () => {
  for (const { descriptor, bytes } of [buildManifest({ config, layers: [] }), buildIndex({ manifests: [] })]) {
    assert.is(descriptor.digest, digestOf(bytes));
    assert.is(descriptor.size, bytes.length);
  }
});

test('annotations are written where there are some, in an order that does not matter', () => {
  const built = (annotations: Record<string, string> | undefined) => buildManifest({ config, layers: [], annotations });
  assert.equal(built({ b: '1', a: '2' }).bytes, built({ a: '2', b: '1' }).bytes);
  assert.equal(parseManifest(built({ a: '2' }).bytes).annotations, { a: '2' });
  assert.equal(built({}).bytes, built(undefined).bytes);
});

test('an index keeps platforms, annotations and order', () => {
  const manifests = ['amd64', 'arm64'].map((architecture) => ({
    ...blob(MEDIA_TYPE.manifest),
    platform: { os: 'linux', architecture },
    annotations: { of: architecture },
  }));
  const { descriptor, bytes } = buildIndex({ dialect: 'docker', manifests, annotations: { a: '1' } });
  assert.is(descriptor.mediaType, MEDIA_TYPE.dockerManifestList);
  assert.equal(parseIndex(bytes, descriptor).manifests, manifests);
  assert.equal(parseIndex(bytes).annotations, { a: '1' });
});

test.run();
