import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Descriptor, digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { quietCall } from '../../src/progress.ts';
import type { Registry } from '../../src/registry/index.ts';
import { type Needs, withNeeds } from '../support/needs.ts';
import { rejects } from '../support/rejects.ts';

/** A registry and a way to fill it that is not the port's. */
export interface FilledRegistry extends AsyncDisposable {
  readonly registry: Registry;
  /** As it stands in references. */
  readonly host: string;
  putBlob(repository: string, bytes: Uint8Array): Promise<void>;
  putManifest(repository: string, tag: string, mediaType: string, bytes: Uint8Array | string): Promise<void>;
}

const call = quietCall();
const layer = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7) % 251));
const config = Buffer.from(
  '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}',
);
const descriptorOf = (mediaType: string, bytes: Uint8Array | string): Descriptor => ({
  ...{ mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes) },
});
const layerDescriptor = descriptorOf(MEDIA_TYPE.layer, layer);
const manifest = JSON.stringify({
  ...{ schemaVersion: 2, mediaType: MEDIA_TYPE.manifest },
  ...{ config: descriptorOf(MEDIA_TYPE.config, config), layers: [layerDescriptor] },
});
const manifestDescriptor = descriptorOf(MEDIA_TYPE.manifest, manifest);
const index = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [manifestDescriptor] });

/** What every backend of the registry port must do. `open` gives an empty registry. */
export function registryContract(name: string, needs: Needs, open: () => Promise<FilledRegistry>): void {
  const suited = suite(`registry contract: ${name}`);
  const test = withNeeds(suited, needs);

  const filled = async () => {
    const all = await open();
    await all.putBlob('team/app', layer);
    await all.putBlob('team/app', config);
    await all.putManifest('team/app', '1.0', MEDIA_TYPE.manifest, manifest);
    return all;
  };
  const app = ({ host }: FilledRegistry) => ({ registry: host, repository: 'team/app' });

  test('gives a manifest by its tag and by its digest: the exact bytes, however often', async () => {
    await using all = await filled();
    for (const wanted of [{ tag: '1.0' }, { digest: manifestDescriptor.digest }, { tag: '1.0' }]) {
      const found = await all.registry.manifest({ ...app(all), ...wanted }, call);
      assert.equal(found.descriptor, manifestDescriptor);
      assert.is(Buffer.from(found.bytes).toString(), manifest);
    }
  });

  test('gives an index as an index', async () => {
    await using all = await filled();
    await all.putManifest('team/app', 'multi', MEDIA_TYPE.index, index);
    const found = await all.registry.manifest({ ...app(all), tag: 'multi' }, call);
    assert.equal(found.descriptor, descriptorOf(MEDIA_TYPE.index, index));
  });

  test('a digest counts more than a tag, and neither is `latest`', async () => {
    await using all = await filled();
    const both = { ...app(all), tag: 'nope', digest: manifestDescriptor.digest };
    assert.equal((await all.registry.manifest(both, call)).descriptor, manifestDescriptor);
    await rejects(all.registry.manifest(app(all), call), 'not-found');
    await all.putManifest('team/app', 'latest', MEDIA_TYPE.manifest, manifest);
    assert.equal((await all.registry.manifest(app(all), call)).descriptor, manifestDescriptor);
  });

  test('a tag that was moved means the new manifest, and the old one is there by its digest', async () => {
    await using all = await filled();
    await all.registry.manifest({ ...app(all), tag: '1.0' }, call);
    const newer = `${manifest} `;
    await all.putManifest('team/app', '1.0', MEDIA_TYPE.manifest, newer);
    assert.is((await all.registry.manifest({ ...app(all), tag: '1.0' }, call)).descriptor.digest, digestOf(newer));
    const old = await all.registry.manifest({ ...app(all), digest: manifestDescriptor.digest }, call);
    assert.equal(old.descriptor, manifestDescriptor);
  });

  test('what is not there is `not-found`: tags, digests, repositories and blobs, these when they are opened', async () => {
    await using all = await filled();
    const { registry } = all;
    await rejects(registry.manifest({ ...app(all), tag: 'nope' }, call), 'not-found', /team\/app:nope/);
    await rejects(registry.manifest({ ...app(all), digest: digestOf('nope') }, call), 'not-found');
    await rejects(registry.manifest({ ...app(all), repository: 'nobody/here', tag: '1.0' }, call), 'not-found');
    const missing = { ...layerDescriptor, digest: digestOf('nope') };
    await rejects(registry.repository(app(all)).open(missing, call), 'not-found');
  });

  test('gives a blob, also an empty one, and several at the same time', async () => {
    await using all = await filled();
    await all.putBlob('team/app', Buffer.alloc(0));
    const source = all.registry.repository(app(all));
    const wanted = [layer, config, Buffer.alloc(0), layer];
    const read = (bytes: Buffer) => source.open(descriptorOf(MEDIA_TYPE.layer, bytes), call).then(buffer);
    const found = await Promise.all(wanted.map(read));
    assert.equal(
      found.map((bytes) => digestOf(bytes)),
      wanted.map((bytes) => digestOf(bytes)),
    );
  });

  test('a blob of one repository is not in another', async () => {
    await using all = await filled();
    const other = all.registry.repository({ ...app(all), repository: 'team/other' });
    await rejects(other.open(layerDescriptor, call), 'not-found');
  });

  test('a blob that has not the size of its descriptor is `integrity`, at the latest when it is read', async () => {
    await using all = await filled();
    const source = all.registry.repository(app(all));
    for (const size of [layer.length - 1, layer.length + 1]) {
      await rejects(source.open({ ...layerDescriptor, size }, call).then(buffer), 'integrity');
    }
  });

  test('a digest that is none is refused before anybody is asked', async () => {
    await using all = await filled();
    const source = all.registry.repository(app(all));
    await rejects(source.open({ ...layerDescriptor, digest: 'sha256:../x' }, call), 'invalid-reference');
  });

  test('a stream that is given up in the middle hurts nobody', async () => {
    await using all = await filled();
    const source = all.registry.repository(app(all));
    for await (const _chunk of await source.open(layerDescriptor, call)) break;
    (await source.open(layerDescriptor, call)).destroy();
    assert.ok((await buffer(await source.open(layerDescriptor, call))).equals(layer));
  });

  test('a call that is cancelled ends with `cancelled`: before it is made, and while a blob is read', async () => {
    await using all = await filled();
    const cancelled = { signal: AbortSignal.abort(), report: () => {} };
    const source = all.registry.repository(app(all));
    await rejects(all.registry.manifest({ ...app(all), tag: '1.0' }, cancelled), 'cancelled');
    await rejects(source.open(layerDescriptor, cancelled), 'cancelled');
    const stop = new AbortController();
    const stream = await source.open(layerDescriptor, { signal: stop.signal, report: () => {} });
    stop.abort();
    await rejects(buffer(stream), 'cancelled');
  });

  suited.run();
}
