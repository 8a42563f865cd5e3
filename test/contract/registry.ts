import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryContent } from '../../src/content/index.ts';
import { type Descriptor, digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall, type ProgressEvent } from '../../src/progress.ts';
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

const call = createQuietCall();
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
const listed = async (tags: AsyncIterable<string>) => {
  const all: string[] = [];
  for await (const tag of tags) all.push(tag);
  return all;
};
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

  test('gives a manifest by its tag and by its digest: always the exact bytes', async () => {
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

  test('a stream that is abandoned in the middle has no effect on others', async () => {
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

  const local = createMemoryContent();
  local.add(MEDIA_TYPE.layer, layer);
  local.add(MEDIA_TYPE.config, config);
  const configDescriptor = descriptorOf(MEDIA_TYPE.config, config);
  const fresh = { repository: 'team/fresh' };

  test('takes a blob once: then it is there, and nothing is opened to send it again', async () => {
    await using all = await open();
    const repository = all.registry.repository({ ...app(all), ...fresh });
    assert.is(await repository.has(layerDescriptor, call), false);
    assert.is(await repository.put(layerDescriptor, { from: local }, call), 'uploaded');
    assert.is(await repository.has(layerDescriptor, call), true);
    assert.is(await repository.put(layerDescriptor, { from: createMemoryContent() }, call), 'present');
    assert.ok((await buffer(await repository.open(layerDescriptor, call))).equals(layer));
  });

  test('takes an empty blob, and several at the same time', async () => {
    await using all = await open();
    const repository = all.registry.repository({ ...app(all), ...fresh });
    const empty = local.add(MEDIA_TYPE.layer, Buffer.alloc(0));
    const others = Array.from({ length: 8 }, (_, at) => local.add(MEDIA_TYPE.layer, Buffer.alloc(70_000, at + 1)));
    const blobs = [empty, ...others];
    const placed = await Promise.all(blobs.map((blob) => repository.put(blob, { from: local }, call)));
    assert.equal(
      placed,
      blobs.map(() => 'uploaded'),
    );
    for (const blob of blobs) assert.is(await repository.has(blob, call), true);
  });

  test('reports the bytes of an upload under its step', async () => {
    await using all = await open();
    const events: ProgressEvent[] = [];
    const telling = { ...call, report: (event: ProgressEvent) => void events.push(event) };
    await all.registry.repository(app(all)).put(layerDescriptor, { from: local, step: 'push/0' }, telling);
    const last = events.at(-1);
    if (last?.type !== 'step-progress') return assert.unreachable('no progress');
    assert.equal([last.step, last.current, last.total, last.done], ['push/0', layer.length, layer.length, true]);
  });

  test('mounts a blob from another repository, and uploads it if that one does not have it', async () => {
    await using all = await filled();
    const repository = all.registry.repository({ ...app(all), ...fresh });
    const unopened = createMemoryContent();
    assert.is(await repository.put(layerDescriptor, { from: unopened, mountFrom: 'team/app' }, call), 'mounted');
    assert.ok((await buffer(await repository.open(layerDescriptor, call))).equals(layer));
    const other = local.add(MEDIA_TYPE.layer, 'other');
    assert.is(await repository.put(other, { from: local, mountFrom: 'team/app' }, call), 'uploaded');
  });

  test('never completes a blob whose bytes are others than its descriptor says', async () => {
    await using all = await open();
    const repository = all.registry.repository(app(all));
    const wrong = { open: async () => Readable.from([Buffer.alloc(layer.length, 1)], { objectMode: false }) };
    const short = { open: async () => Readable.from([layer.subarray(1)], { objectMode: false }) };
    for (const from of [wrong, short]) await rejects(repository.put(layerDescriptor, { from }, call), 'integrity');
    await rejects(repository.put(layerDescriptor, { from: createMemoryContent() }, call), 'not-found');
    assert.is(await repository.has(layerDescriptor, call), false);
    await rejects(
      repository.put({ ...layerDescriptor, digest: 'sha256:../x' }, { from: local }, call),
      'invalid-reference',
    );
  });

  test('takes a manifest under a tag or only under its digest, and a moved tag', async () => {
    await using all = await open();
    const repository = all.registry.repository(app(all));
    for (const blob of [layerDescriptor, configDescriptor]) await repository.put(blob, { from: local }, call);
    const written = { mediaType: MEDIA_TYPE.manifest, bytes: Buffer.from(manifest) };
    assert.is(await all.registry.findManifest({ ...app(all), tag: '2.0' }, call), undefined);
    assert.equal(await all.registry.putManifest(app(all), written, call), manifestDescriptor);
    assert.is(await all.registry.findManifest({ ...app(all), tag: '2.0' }, call), undefined);
    const { digest } = manifestDescriptor;
    assert.equal(await all.registry.findManifest({ ...app(all), digest }, call), manifestDescriptor);
    await all.registry.putManifest({ ...app(all), tag: '2.0' }, written, call);
    assert.equal(await all.registry.findManifest({ ...app(all), tag: '2.0' }, call), manifestDescriptor);
    await all.registry.putManifest(
      { ...app(all), tag: '2.0' },
      { ...written, bytes: Buffer.from(`${manifest} `) },
      call,
    );
    const found = await all.registry.findManifest({ ...app(all), tag: '2.0' }, call);
    assert.is(found?.digest, digestOf(`${manifest} `));
  });

  test('takes an index when it has its manifests', async () => {
    await using all = await filled();
    const written = { mediaType: MEDIA_TYPE.index, bytes: Buffer.from(index) };
    await all.registry.putManifest({ ...app(all), tag: 'all' }, written, call);
    assert.is((await all.registry.findManifest({ ...app(all), tag: 'all' }, call))?.mediaType, MEDIA_TYPE.index);
  });

  test('refuses a manifest whose blobs it does not have, and one of another digest', async () => {
    await using all = await open();
    const written = { mediaType: MEDIA_TYPE.manifest, bytes: Buffer.from(manifest) };
    const error = await rejects(all.registry.putManifest({ ...app(all), tag: '1.0' }, written, call), 'registry');
    assert.ok(error.evidence?.faults?.includes('MANIFEST_BLOB_UNKNOWN'));
    const other = { ...app(all), digest: digestOf('other') };
    await rejects(all.registry.putManifest(other, written, call), 'integrity');
  });

  test('lists the tags of a repository; one that does not exist is `not-found`', async () => {
    await using all = await filled();
    for (const tag of ['1.1', 'latest']) await all.putManifest('team/app', tag, MEDIA_TYPE.manifest, manifest);
    assert.equal((await listed(all.registry.listTags(app(all), call))).sort(), ['1.0', '1.1', 'latest']);
    const nowhere = { ...app(all), repository: 'nobody/here' };
    await rejects(listed(all.registry.listTags(nowhere, call)), 'not-found');
  });

  test('deletes a manifest by its digest, with its tags', async () => {
    await using all = await filled();
    const { digest } = manifestDescriptor;
    await all.registry.deleteManifest({ ...app(all), digest }, call);
    await rejects(all.registry.manifest({ ...app(all), digest }, call), 'not-found');
    await rejects(all.registry.manifest({ ...app(all), tag: '1.0' }, call), 'not-found');
    await rejects(all.registry.deleteManifest({ ...app(all), digest }, call), 'not-found');
  });

  test('says whether it takes pushes, and leaves no trace', async () => {
    await using all = await open();
    await all.registry.checkPush({ ...app(all), ...fresh }, call);
    await rejects(listed(all.registry.listTags({ ...app(all), ...fresh }, call)), 'not-found');
  });

  test('an upload that is cancelled ends with `cancelled`, and the blob is not there', async () => {
    await using all = await open();
    const stop = new AbortController();
    const from = {
      open: async () => {
        stop.abort();
        return local.open(layerDescriptor, call);
      },
    };
    const repository = all.registry.repository(app(all));
    await rejects(repository.put(layerDescriptor, { from }, { signal: stop.signal, report: () => {} }), 'cancelled');
    assert.is(await repository.has(layerDescriptor, call), false);
  });

  suited.run();
}
