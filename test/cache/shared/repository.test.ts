import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeDocument } from '../../../src/cache/index.ts';
import { createInlineRecords, INLINE_MEMBER } from '../../../src/cache/shared/inline.ts';
import { RepositoryStorage } from '../../../src/cache/shared/repository.ts';
import { HttpClient } from '../../../src/http/index.ts';
import { buildIndex, buildManifest, digestOf, MEDIA_TYPE, parseReference } from '../../../src/oci/index.ts';
import { createQuietCall } from '../../../src/progress.ts';
import { RegistryClient } from '../../../src/registry/client.ts';
import { sharedCacheContract } from '../../contract/shared-cache.ts';
import { programPath } from '../../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../../support/registry.ts';
import { rejects } from '../../support/rejects.ts';
import { serveImages } from '../../support/served-images.ts';

const call = createQuietCall();
const http = new HttpClient();
const test = suite('a shared cache in a registry');

const storageAt = (name: string, ociTypes = true) =>
  new RepositoryStorage({ registry: new RegistryClient({ http }), reference: parseReference(name), ociTypes });

if (programPath(REGISTRY_PROGRAM) === undefined) console.log('SKIPPED: needs docker-registry');
else {
  const registry = await startRegistry();
  let names = 0;
  sharedCacheContract('registry', async () => {
    const name = `${registry.host}/app-${++names}:cache`;
    return () => storageAt(name);
  });
  sharedCacheContract('registry, media types of Docker', async () => {
    const name = `${registry.host}/docker-${++names}:cache`;
    return () => storageAt(name, false);
  });
  test.after(async () => registry[Symbol.asyncDispose]());
}

const layer = (text: string) => ({
  diffId: digestOf(text),
  blob: { mediaType: MEDIA_TYPE.layer, digest: digestOf(text), size: text.length },
});
const record = (text: string) => ({ parts: [], layer: layer(text), createdAt: '2026-01-02T03:04:05Z' });

test('reads the inline caches of all images under a name', async () => {
  await using served = await serveImages();
  const manifests = ['amd64', 'arm64'].map((architecture) => {
    const records = createInlineRecords([{ keys: [digestOf(`key ${architecture}`)], record: record(architecture) }]);
    const rootfs = { type: 'layers', diff_ids: [digestOf(architecture)] };
    const text = JSON.stringify({
      os: 'linux',
      architecture,
      config: {},
      rootfs,
      history: [],
      [INLINE_MEMBER]: records,
    });
    const config = served.putSmall(MEDIA_TYPE.config, text);
    const compressed = served.putSmall(MEDIA_TYPE.layerGzip, `gzip of ${architecture}`);
    const { bytes } = buildManifest({ config, layers: [compressed] });
    return { ...served.putSmall(MEDIA_TYPE.manifest, bytes), platform: { os: 'linux', architecture } };
  });
  served.tag('app:latest', served.putSmall(MEDIA_TYPE.index, buildIndex({ manifests }).bytes));
  const { records, forms } = decodeDocument((await storageAt(`${served.host}/app`).readDocument(call))!);
  assert.equal(
    records.map(({ keys }) => keys[0]),
    [digestOf('key amd64'), digestOf('key arm64')],
  );
  assert.is(forms.get(digestOf('arm64'))?.blob.digest, digestOf('gzip of arm64'));
});

test('an image without an inline cache is no cache', async () => {
  await using served = await serveImages();
  const config = served.putSmall(
    MEDIA_TYPE.config,
    '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}',
  );
  served.tag('app:latest', served.putSmall(MEDIA_TYPE.manifest, buildManifest({ config, layers: [] }).bytes));
  assert.is(await storageAt(`${served.host}/app`).readDocument(call), undefined);
  assert.is(await storageAt(`${served.host}/other`).readDocument(call), undefined);
});

test('a cache of BuildKit is not read', async () => {
  await using served = await serveImages();
  const config = served.putSmall('application/vnd.buildkit.cacheconfig.v0', '{}');
  const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers: [] };
  served.tag('app:latest', served.putSmall(MEDIA_TYPE.manifest, JSON.stringify(manifest)));
  await rejects(storageAt(`${served.host}/app`).readDocument(call), 'unsupported', /BuildKit/);
});

test.after(() => http[Symbol.asyncDispose]());
test.run();
