import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  digestOf,
  layersOf,
  MAX_JSON_BYTES,
  MEDIA_TYPE,
  parseConfig,
  parseIndex,
  parseManifest,
  parseManifestOrIndex,
  parseStrictJson,
} from '../../src/oci/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('manifests and configs');
const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const digest = digestOf('x');
const config = { mediaType: MEDIA_TYPE.config, digest, size: 3 };
const layer = { mediaType: MEDIA_TYPE.layerGzip, digest, size: 4 };
const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [layer] };
const index = { schemaVersion: 2, manifests: [{ mediaType: MEDIA_TYPE.manifest, digest, size: 9 }] };

test('a manifest and an index are read as they are', () => {
  assert.equal(parseManifest(bytes(manifest), { mediaType: MEDIA_TYPE.manifest }), manifest);
  assert.equal(parseIndex(bytes(index), { mediaType: MEDIA_TYPE.index }), index);
  assert.is(parseManifestOrIndex(bytes(manifest)).kind, 'manifest');
});

test('an empty list may be null, or left out where the media type tells what it is', () => {
  const { layers: _, ...bare } = manifest;
  const { mediaType, ...untold } = bare;
  const empty = { ...bare, layers: [] };
  assert.equal(parseManifest(bytes({ ...bare, layers: null })), empty);
  assert.equal(parseManifest(bytes({ ...bare, layers: null, manifests: null })), empty);
  assert.equal(parseManifest(bytes(bare)), empty);
  assert.equal(parseManifest(bytes({ ...untold, layers: null })), { ...untold, layers: [] });
  assert.equal(parseManifest(bytes(untold), { mediaType }), { ...untold, layers: [] });
  assert.equal(parseIndex(bytes({ schemaVersion: 2, manifests: null })), { schemaVersion: 2, manifests: [] });
  assert.equal(parseManifest(bytes({ ...manifest, manifests: null })), manifest);
});

test('urls and embedded data of a descriptor are dropped', () => {
  const foreign = { ...layer, urls: ['https://evil.example/'], data: 'eA==' };
  assert.equal(parseManifest(bytes({ ...manifest, layers: [foreign] })), manifest);
});

const wrong: readonly [why: string, text: unknown][] = [
  ['text that is no JSON', '{'],
  ['a list', []],
  ['null', 'null'],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['a member twice', `{"schemaVersion":2,"layers":[],"config":${JSON.stringify(config)},"layers":[]}`],
  ['a member twice in another spelling', `{"schemaVersion":2,"layers":[],"config":{},"l\\u0061yers":[]}`],
  ['a member that Go takes for another', { ...manifest, Layers: [] }],
  ['layers and manifests at once', { ...manifest, manifests: [] }],
  ['neither layers nor manifests', { schemaVersion: 2, config }],
  ['schema version 3', { ...manifest, schemaVersion: 3 }],
  ['no schema version', { ...manifest, schemaVersion: undefined }],
  ['the media type of an index', { ...manifest, mediaType: MEDIA_TYPE.index }],
  ['a media type that is no text', { ...manifest, mediaType: 1 }],
  ['a digest with a path', { ...manifest, config: { ...config, digest: 'sha256:../../etc/passwd' } }],
  ['a negative size', { ...manifest, layers: [{ ...layer, size: -1 }] }],
  ['a size with a fraction', { ...manifest, layers: [{ ...layer, size: 1.5 }] }],
  [
    'a size beyond exact numbers',
    `{"schemaVersion":2,"config":${JSON.stringify(config)},"layers":[{"mediaType":"x","digest":"${digest}","size":99999999999999999999}]}`,
  ],
  ['a size that is text', { ...manifest, layers: [{ ...layer, size: '4' }] }],
  ['no config', { ...manifest, config: undefined }],
  ['layers that are no list', { ...manifest, layers: {} }],
  ['annotations that are no texts', { ...manifest, annotations: { a: 1 } }],
];

for (const [why, text] of wrong) {
  test(`refuses ${why}`, async () => {
    const raw = text instanceof Uint8Array ? text : bytes(text);
    await refuses('invalid-archive', () => parseManifestOrIndex(raw));
  });
}

test('refuses what was announced as something else', async () => {
  await refuses('integrity', () => parseManifestOrIndex(bytes(index), { mediaType: MEDIA_TYPE.manifest }));
  await refuses('integrity', () => parseManifestOrIndex(bytes(manifest), { mediaType: MEDIA_TYPE.dockerManifest }));
  await refuses('integrity', () => parseManifestOrIndex(bytes(manifest), { mediaType: 'text/html' }));
  await refuses('invalid-archive', () => parseManifest(bytes(index)));
});

test('refuses schema 1 by name and texts over 4 MiB', async () => {
  await refuses('unsupported', () => parseManifest(bytes({ schemaVersion: 1, fsLayers: [] })), /schema 1/);
  await refuses('limit', () => parseManifest(Buffer.alloc(MAX_JSON_BYTES + 1, 32)));
});

test('deep nesting is no way to fell the parser', async () => {
  await refuses('invalid-archive', () => parseManifest(bytes('['.repeat(2_000_000))));
});

test('layers and diff_ids must be as many', async () => {
  const read = parseConfig(
    bytes({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [digest, digest] } }),
  );
  await refuses('invalid-archive', () => layersOf(parseManifest(bytes(manifest)), read), /2 diff_ids for 1 layers/);
});

test("a config as Docker writes it is read without Go's nulls and without what nobody needs", () => {
  const docker = {
    architecture: 'amd64',
    os: 'linux',
    container: 'abc',
    config: {
      Hostname: 'abc',
      Env: ['A=1'],
      Cmd: 'sh',
      Entrypoint: null,
      Volumes: null,
      ExposedPorts: { '80/tcp': {} },
      Labels: { a: 'b' },
      Healthcheck: { Test: ['CMD', 'x'], Interval: 5_000_000_000 },
      OnBuild: null,
    },
    history: [{ created: '2024-01-01T00:00:00Z', created_by: 'x', empty_layer: true }],
    rootfs: { type: 'layers', diff_ids: null },
  };
  assert.equal(parseConfig(bytes(docker)), {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Env: ['A=1'],
      Cmd: ['sh'],
      ExposedPorts: { '80/tcp': {} },
      Labels: { a: 'b' },
      Healthcheck: { Test: ['CMD', 'x'], Interval: 5_000_000_000 },
    },
    history: docker.history,
    rootfs: { type: 'layers', diff_ids: [] },
  });
});

test('a config without layers need not say so, and times are any that RFC 3339 has', () => {
  for (const rootfs of [undefined, null, {}, { diff_ids: [] }, { type: '' }]) {
    assert.equal(parseConfig(bytes({ os: 'linux', rootfs })).rootfs, { type: 'layers', diff_ids: [] });
  }
  for (const created of ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.123456789+05:30', '0001-01-01T00:00:00Z']) {
    assert.is(parseConfig(bytes({ created, history: [{ created }] })).created, created);
  }
});

for (const [why, change] of [
  ['an environment that is no list', { config: { Env: 'A=1' } }],
  ['a label that is no text', { config: { Labels: { a: 1 } } }],
  ['a root file system that is none', { rootfs: 'x' }],
  ['a root file system of another type', { rootfs: { type: 'layers+base', diff_ids: [] } }],
  ['a diff_id that is no digest', { rootfs: { type: 'layers', diff_ids: ['sha256:x'] } }],
  ['a history that is no list', { history: {} }],
  ['a time that is none', { created: 'yesterday' }],
  ['a time of a year with five digits', { created: '+058871-12-08T06:23:20Z' }],
  ['a time in its history that is none', { history: [{ created: '2024-01-01' }] }],
] as const) {
  test(`refuses a config with ${why}`, async () => {
    const base = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } };
    await refuses('invalid-archive', () => parseConfig(bytes({ ...base, ...change })));
  });
}

test('whatever JSON.stringify wrote has no member twice, whatever its texts hold', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.boolean(), (value, pretty) => {
      const text = JSON.stringify(value, null, pretty ? 2 : 0);
      assert.equal(parseStrictJson(Buffer.from(text), 'value'), JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});

test('backslashes and quotes in names do not confuse it', async () => {
  const strange = ['a\\', 'a\\"', '"', '\\\\"', ':', '{"a":1'];
  const text = JSON.stringify(Object.fromEntries(strange.map((name) => [name, name])));
  assert.equal(Object.keys(parseStrictJson(Buffer.from(text), 'value') as object), strange);
  const twice = `${text.slice(0, -1)},${JSON.stringify(strange[3])}:0}`;
  await refuses('invalid-archive', () => parseStrictJson(Buffer.from(twice), 'value'), /is repeated/);
});

test('a member added once more anywhere is found', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (name, value) => {
      const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
      assert.throws(() => parseStrictJson(Buffer.from(`[{"a b":[{${member} , ${member}}]}]`), 'value'), /is repeated/);
    }),
    { numRuns: 100 },
  );
});

test.run();
