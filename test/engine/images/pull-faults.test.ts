/** Pulls from a real registry behind a server that does wrong: each succeeds after a retry or fails clearly, never with a wrong blob. */
import { createHash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pullImage } from '../../../src/engine/images/pull.ts';
import { openLayerOrigins } from '../../../src/engine/layer-origins.ts';
import { MkimageError } from '../../../src/errors.ts';
import { type Descriptor, type Digest, digestOf, MEDIA_TYPE } from '../../../src/oci/index.ts';
import { createQuietCall, type ProgressEvent } from '../../../src/progress.ts';
import { LayoutStore } from '../../../src/store/layout-store.ts';
import { putImage } from '../../support/images.ts';
import { withNeeds } from '../../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../../support/registry.ts';
import { registryClient } from '../../support/registry-client.ts';
import { type RegistryFront, startRegistryFront } from '../../support/registry-front.ts';
import { rejects } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('pulls from a registry that does wrong');
const withRegistry = withNeeds(test, { programs: [REGISTRY_PROGRAM] });
const retries = { retries: 2, firstDelay: 1, longestDelay: 2000 };
const noise = (seed: number) => Buffer.from(Uint32Array.from({ length: 75_000 }, (_, at) => at * seed).buffer);
const LAYERS = [2654435761, 2246822519, 3266489917, 668265263].map(noise);

/** Checks a diffId with nothing but Node. */
function tapLayer(_blob: Descriptor, diffId: Digest): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const isRight = `sha256:${hash.digest('hex')}` === diffId;
      done(isRight ? null : new MkimageError('integrity', 'not the layer of the config'));
    },
  });
}

interface Bench extends AsyncDisposable {
  readonly front: RegistryFront;
  readonly store: LayoutStore;
  readonly layers: readonly Descriptor[];
  readonly events: ProgressEvent[];
  pull(): Promise<unknown>;
}

/** A registry with an image of four layers, and an empty store. */
async function bench(): Promise<Bench> {
  const registry = await startRegistry();
  const front = await startRegistryFront(registry.host);
  const client = registryClient({ retries });
  const store = LayoutStore.open(tempDir('pull-faults'));
  const blobs: { descriptor: Descriptor; bytes: Buffer }[] = [];
  const sink = {
    putSmall: (mediaType: string, content: Uint8Array | string) => {
      const bytes = Buffer.from(content);
      const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
      blobs.push({ descriptor, bytes });
      return descriptor;
    },
  };
  putImage(sink, { label: 'a', layers: LAYERS });
  const manifest = blobs.pop()!;
  for (const { bytes } of blobs) await registry.putBlob('team/app', bytes);
  await registry.putManifest('team/app', '1', MEDIA_TYPE.manifest, manifest.bytes);
  const origins = openLayerOrigins({ directory: tempDir('origins'), now: () => Date.now() });
  const config = { platform: { os: 'linux', architecture: 'amd64' } };
  const services = { store, registry: client, tapLayer, origins, config };
  const events: ProgressEvent[] = [];
  const call = { ...createQuietCall(), report: (event: ProgressEvent) => void events.push(event) };
  return {
    ...{ front, store, events },
    layers: blobs.slice(0, LAYERS.length).map(({ descriptor }) => descriptor),
    pull: () => pullImage(services, { image: `${front.host}/team/app:1`, platform: undefined }, call),
    [Symbol.asyncDispose]: async () => {
      for (const each of [client, front, registry]) await each[Symbol.asyncDispose]();
    },
  };
}

const isBlob = ({ method, url = '' }: IncomingMessage) => method === 'GET' && /\/blobs\/sha256:/.test(url);
const isLayer = (layers: readonly Descriptor[], request: IncomingMessage) =>
  isBlob(request) && layers.some(({ digest }) => request.url?.endsWith(digest));

async function hasAll({ store, layers }: Bench): Promise<boolean> {
  return (await Promise.all(layers.map((layer) => store.has(layer)))).every(Boolean);
}

/** Nothing wrong may stay: no layer, and no name. */
async function assertNothingOf({ store, front }: Bench, layer: Descriptor): Promise<void> {
  assert.is(await store.has(layer), false);
  assert.is(store.resolve(`${front.host}/team/app:1`), undefined);
}

/** Passes on the answer of the registry up to a number of bytes, and then breaks the connection. */
function cutAfter(
  host: string,
  bytes: number,
  { url: path, headers }: IncomingMessage,
  response: ServerResponse,
): boolean {
  const [hostname, port] = host.split(':');
  send({ host: hostname, port, path, headers }, (answer) => {
    let sent = 0;
    response.writeHead(answer.statusCode ?? 0, answer.rawHeaders);
    answer.on('data', (chunk: Buffer) => {
      if (sent < bytes) response.write(chunk.subarray(0, bytes - sent));
      sent += chunk.length;
      if (sent >= bytes) setImmediate(() => response.destroy());
    });
  }).end();
  return true;
}

withRegistry('a layer whose connection breaks goes on where it stopped: no byte is sent twice', async () => {
  await using all = await bench();
  const ranges: (string | undefined)[] = [];
  const half = Math.floor(all.layers[0]!.size / 2);
  all.front.spoil = (request, response, nth) => {
    if (!isLayer(all.layers, request)) return false;
    ranges.push(request.headers.range);
    return nth === 1 ? cutAfter(all.front.registry, half, request, response) : false;
  };
  await all.pull();
  assert.ok(await hasAll(all));
  assert.is(ranges.filter((range) => range === undefined).length, LAYERS.length);
  const resumed = ranges
    .filter((range) => range !== undefined)
    .map((range) => Number(/^bytes=(\d+)-$/.exec(range!)?.[1]));
  assert.is(resumed.length, LAYERS.length);
  for (const offset of resumed) assert.ok(offset > 0 && offset <= half, String(offset));
});

withRegistry('all layers of an image are fetched at the same time, each with its bytes', async () => {
  await using all = await bench();
  let waiting = 0;
  all.front.delay = async (request) => {
    if (!isLayer(all.layers, request)) return;
    waiting++;
    for (let tries = 0; tries < 200 && waiting < LAYERS.length; tries++) await pause(10);
  };
  await all.pull();
  assert.is(waiting, LAYERS.length);
  const done = all.events.flatMap((event) => (event.type === 'step-progress' && event.done ? [event] : []));
  const sizes = done.map(({ current, total }) => [current, total]);
  for (const { size } of all.layers) assert.ok(sizes.some(([current, total]) => current === size && total === size));
});

withRegistry('a registry that throttles is asked again as it says', async () => {
  await using all = await bench();
  all.front.spoil = (request, response, nth) => {
    if (nth > 1 || request.method !== 'GET' || request.url === '/v2/') return false;
    response.writeHead(429, { 'retry-after': '0' }).end();
    return true;
  };
  await all.pull();
  assert.ok(await hasAll(all));
});

withRegistry('other bytes of the same length are never stored', async () => {
  await using all = await bench();
  const layer = all.layers[1]!;
  all.front.spoil = (request, response) => {
    if (!request.url?.endsWith(layer.digest)) return false;
    response.writeHead(200, { 'content-length': layer.size }).end(Buffer.alloc(layer.size, 1));
    return true;
  };
  await rejects(all.pull(), 'integrity');
  await assertNothingOf(all, layer);
});

for (const [what, change] of [
  ['more', 10],
  ['fewer', -10],
] as const) {
  withRegistry(`${what} bytes than the manifest says are an error`, async () => {
    await using all = await bench();
    const layer = all.layers[2]!;
    all.front.spoil = (request, response) => {
      if (!request.url?.endsWith(layer.digest)) return false;
      response.writeHead(200, { 'content-length': layer.size + change }).end(Buffer.alloc(layer.size + change));
      return true;
    };
    await rejects(all.pull(), 'integrity', new RegExp(`has ${layer.size + change} bytes`));
    await assertNothingOf(all, layer);
  });
}

withRegistry('a layer that always breaks off is given up, and the next pull needs only the rest', async () => {
  await using all = await bench();
  const layer = all.layers[3]!;
  all.front.spoil = (request) => {
    if (!request.url?.endsWith(layer.digest)) return false;
    request.socket.destroy();
    return true;
  };
  await rejects(all.pull(), 'network');
  await assertNothingOf(all, layer);
  all.front.spoil = undefined;
  await all.pull();
  assert.ok(await hasAll(all));
});

withRegistry('a tag that announces another digest than its manifest has is refused', async () => {
  await using all = await bench();
  const config = { mediaType: MEDIA_TYPE.config, digest: digestOf('x'), size: 1 };
  all.front.spoil = (request, response) => {
    if (!request.url?.includes('/manifests/')) return false;
    const headers = { 'content-type': MEDIA_TYPE.manifest, 'docker-content-digest': digestOf('y') };
    response.writeHead(200, headers).end(JSON.stringify({ schemaVersion: 2, config, layers: [] }));
    return true;
  };
  await rejects(all.pull(), 'integrity', /its digest is/);
});

test.run();
