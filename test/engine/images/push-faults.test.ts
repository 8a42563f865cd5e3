/** Pushes to a real registry behind a server that does wrong: each succeeds after a retry or fails clearly, never with a wrong blob. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sendImage } from '../../../src/engine/images/push/send-image.ts';
import { openLayerOrigins } from '../../../src/engine/layer-origins.ts';
import { type Descriptor, digestOf, parseManifest } from '../../../src/oci/index.ts';
import { createQuietCall } from '../../../src/progress.ts';
import type { CredentialProvider } from '../../../src/registry/index.ts';
import { LayoutStore } from '../../../src/store/layout-store.ts';
import { putImage } from '../../support/images.ts';
import { withNeeds } from '../../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry, type TestRegistryOptions } from '../../support/registry.ts';
import { registryClient } from '../../support/registry-client.ts';
import { type Spoil, startRegistryFront } from '../../support/registry-front.ts';
import { rejects } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';
import { throwawayCertificate } from '../../support/throwaway-certificate.ts';
import { serveTokens } from '../../support/token-server.ts';

const test = suite('pushes to a registry that does wrong');
const withRegistry = withNeeds(test, { programs: [REGISTRY_PROGRAM] });
const withTokens = withNeeds(test, { programs: [REGISTRY_PROGRAM, 'openssl'] });
const call = createQuietCall();
const retries = { retries: 2, firstDelay: 1, longestDelay: 2000 };
const app = { registry: '', repository: 'team/app' };

interface PushOptions {
  readonly registry?: TestRegistryOptions;
  readonly credentials?: CredentialProvider;
  /** Compares what is there with what was sent; default: yes. */
  readonly isChecked?: boolean;
}

const noise = (seed: number) => Buffer.from(Uint32Array.from({ length: 75_000 }, (_, at) => at * seed).buffer);

/** Pushes an image of two layers. Then what the registry has is read from it, not through the server in front. */
async function push(spoil: Spoil, { registry: options, credentials, isChecked = true }: PushOptions = {}) {
  await using registry = await startRegistry(options);
  await using front = await startRegistryFront(registry.host);
  await using client = registryClient({ retries, credentials });
  const store = LayoutStore.open(tempDir('faults'));
  const origins = openLayerOrigins({ directory: tempDir('origins'), now: () => Date.now() });
  const target = putImage(store, { label: 'a', layers: [noise(2654435761), noise(2246822519)], compression: 'gzip' });
  front.spoil = spoil;
  const destination = { ...app, registry: front.host, tags: ['1'] };
  const { layers } = await sendImage(
    { store, registry: client, origins },
    { target, destination, step: 'push/0' },
    call,
  );
  front.spoil = undefined;
  if (isChecked) await check(registry.host, store, target, credentials);
  return { layers, seen: [...front.seen] };
}

async function check(host: string, store: LayoutStore, target: Descriptor, credentials?: CredentialProvider) {
  await using client = registryClient({ credentials });
  const place = { ...app, registry: host };
  const { descriptor, bytes } = await client.manifest({ ...place, tag: '1' }, call);
  assert.equal(descriptor, target);
  const { config, layers } = parseManifest(bytes, descriptor);
  for (const blob of [config, ...layers]) {
    const there = await buffer(await client.repository(place).open(blob, call));
    assert.is(digestOf(there), blob.digest);
    assert.ok(there.equals(await buffer(await store.open(blob))));
  }
}

const isBlob = ({ url = '' }: IncomingMessage) => /\/blobs\/sha256:/.test(url);
const isUpload = ({ url = '' }: IncomingMessage) => /\/blobs\/uploads\//.test(url);
const isManifest = ({ url = '' }: IncomingMessage) => /\/manifests\//.test(url);

/** Answers without reading more than the request has. */
function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string> = {},
) {
  request.resume().once('end', () => response.writeHead(status, headers).end());
  return true;
}

const kinds = {
  'the question for a blob': (request: IncomingMessage) => request.method === 'HEAD' && isBlob(request),
  'the start of an upload': (request: IncomingMessage) => request.method === 'POST' && isUpload(request),
  'the bytes of a blob': (request: IncomingMessage) => request.method === 'PUT' && isUpload(request),
  'a manifest': (request: IncomingMessage) => request.method === 'PUT' && isManifest(request),
} as const;

for (const [what, isIt] of Object.entries(kinds)) {
  withRegistry(`${what} is sent again after 429 with Retry-After`, async () => {
    let throttled = 0;
    await push((request, response) => {
      if (!isIt(request) || throttled++ > 0) return false;
      return answer(request, response, 429, { 'retry-after': '0' });
    });
    assert.ok(throttled > 1);
  });

  withRegistry(`${what} is sent again when the connection breaks`, async () => {
    let broken = 0;
    await push((request) => {
      if (!isIt(request) || broken++ > 0) return false;
      request.socket.destroy();
      return true;
    });
    assert.ok(broken > 1);
  });
}

withRegistry('a registry that limits for too long is said to do so', async () => {
  const limited = push((request, response) =>
    isUpload(request) ? answer(request, response, 429, { 'retry-after': '3600' }) : false,
  );
  const { hint } = await rejects(limited, 'registry', /status 429/);
  assert.match(hint ?? '', /limits how often/);
});

withRegistry('a blob that is gone after the registry said that it has it is uploaded', async () => {
  const { layers, seen } = await push((request, response) => {
    if (request.method !== 'HEAD' || !isBlob(request)) return false;
    return answer(request, response, 200);
  });
  assert.equal(
    layers.map(({ placement }) => placement),
    ['present', 'present'],
  );
  const manifests = seen.filter(({ method, path }) => method === 'PUT' && path.includes('/manifests/'));
  assert.equal(
    manifests.map(({ status }) => status >= 400),
    [true, false],
  );
});

withRegistry('an upload that is confirmed but not kept is sent again', async () => {
  let dropped = 0;
  await push((request, response) => {
    if (request.method !== 'PUT' || !isUpload(request) || dropped++ > 0) return false;
    return answer(request, response, 201);
  });
  assert.ok(dropped > 3);
});

withRegistry('a registry that never keeps a blob gives its own words as the error', async () => {
  const lost = push((request, response) =>
    request.method === 'PUT' && isUpload(request) ? answer(request, response, 201) : false,
  );
  await rejects(lost, 'registry', /blob unknown/);
});

/** Sends the request on with other bytes of the same length. */
function spoilBody(request: IncomingMessage): void {
  const push = request.push.bind(request);
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding) =>
    push(chunk === null ? null : Buffer.from(chunk).reverse(), encoding);
}

withRegistry('bytes that change on their way are refused by the registry, and sent again', async () => {
  let changed = 0;
  await push((request) => {
    if (request.method === 'PUT' && isUpload(request) && changed++ === 0) spoilBody(request);
    return false;
  });
  assert.ok(changed > 1);
});

withRegistry('bytes that always change are an error, and no blob is made of them', async () => {
  const spoiled = push((request) => {
    if (request.method === 'PUT' && isUpload(request)) spoilBody(request);
    return false;
  });
  await rejects(spoiled, 'registry', /digest did not match/);
});

withRegistry('an upload that the registry has forgotten starts again', async () => {
  let forgotten = 0;
  await push((request, response) => {
    if (request.method !== 'PUT' || !isUpload(request) || forgotten++ > 0) return false;
    return answer(request, response, 404);
  });
  assert.ok(forgotten > 1);
});

withRegistry('a chunk out of order is refused with 416, and the upload goes on where the registry is', async () => {
  let refused = 0;
  const { seen } = await push((request, response) => {
    if (!isUpload(request)) return false;
    if (request.method === 'PUT' && Number(request.headers['content-length']) > 100_000)
      return answer(request, response, 413);
    if (request.method !== 'PATCH' || refused++ > 0) return false;
    return answer(request, response, 416);
  });
  assert.ok(refused > 1);
  assert.ok(seen.some(({ method, path }) => method === 'GET' && path.includes('/blobs/uploads/')));
});

withRegistry('a registry that answers with another digest is not believed', async () => {
  const other = { 'docker-content-digest': digestOf('other') };
  const uploads = push((request, response) =>
    request.method === 'PUT' && isUpload(request) ? answer(request, response, 201, other) : false,
  );
  await rejects(uploads, 'integrity');
  const manifests = push((request, response) =>
    request.method === 'PUT' && isManifest(request) ? answer(request, response, 201, other) : false,
  );
  await rejects(manifests, 'integrity');
});

withTokens('a token that expires in the middle of a push is replaced', async () => {
  const certificate = throwawayCertificate(['localhost']);
  await using tokens = await serveTokens({ ...certificate, username: 'user', password: 'secret' });
  const credentials: CredentialProvider = async () => ({ kind: 'password', username: 'user', secret: 'secret' });
  const expired = new Set<string>();
  await push(
    (request) => {
      // Each way has a first request with a token that is no longer good.
      const key = `${request.method} ${request.url?.replace(/[?].*|[0-9a-f-]{36}/g, '')}`;
      if (request.method === 'HEAD' || request.headers.authorization === undefined || expired.has(key)) return false;
      expired.add(key);
      request.headers.authorization = `${request.headers.authorization}x`;
      return false;
    },
    { registry: { token: tokens.trust }, credentials },
  );
  assert.ok([...expired].some((key) => key.startsWith('PUT') && key.includes('/uploads/')));
  assert.ok([...expired].some((key) => key.startsWith('PUT') && key.includes('/manifests/')));
});

test.run();
