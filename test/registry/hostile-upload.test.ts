import type { IncomingMessage, ServerResponse } from 'node:http';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createMemoryContent } from '../../src/content/index.ts';
import { digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { registryClient } from '../support/registry-client.ts';
import { rejects } from '../support/rejects.ts';
import { type SeenRequest, serve } from '../support/scripted-server.ts';

const test = suite('uploads to a hostile or broken registry');
const call = createQuietCall();
const retries = { retries: 3, firstDelay: 1, longestDelay: 1500 };
const content = createMemoryContent();
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
const blob = content.add(MEDIA_TYPE.layer, bytes);
const credentials = async () => ({ username: 'user', secret: 'hunter2' });

type Answers = (request: IncomingMessage, response: ServerResponse, nth: number) => boolean;

/** Uploads the blob to a registry that takes one upload, except where `answers` says otherwise. */
async function upload(answers: Answers) {
  const received: Buffer[] = [];
  await using server = await serve((request, response, nth) => {
    if (answers(request, response, nth)) return;
    takeUpload(request, response, received);
  });
  await using client = registryClient({ retries, credentials });
  const repository = client.repository({ registry: `127.0.0.1:${server.port}`, repository: 'app' });
  const placed = await repository.put(blob, { from: content }, call);
  return { placed, received: Buffer.concat(received), seen: [...server.seen] };
}

function takeUpload(request: IncomingMessage, response: ServerResponse, received: Buffer[]): void {
  if (request.url === '/v2/') return void response.end();
  if (request.method === 'HEAD') return void response.writeHead(404).end();
  if (request.method === 'POST') return void response.writeHead(202, { location: '/upload' }).end();
  const size = () => received.reduce((sum, chunk) => sum + chunk.length, 0);
  if (request.method === 'GET') return void response.writeHead(204, { range: `0-${size() - 1}` }).end();
  request.on('data', (chunk: Buffer) => received.push(chunk));
  request.on('end', () => {
    if (request.method === 'PATCH') response.writeHead(202, { location: '/upload', range: `0-${size() - 1}` }).end();
    else response.writeHead(digestOf(Buffer.concat(received)) === blob.digest ? 201 : 400).end();
  });
}

const pathsOf = (seen: readonly SeenRequest[], method: string) => seen.filter((each) => each.method === method);

for (const [status, headers] of [
  [429, { 'retry-after': '0' }],
  [500, {}],
  [503, {}],
] as const) {
  test(`starts again after ${status}`, async () => {
    const { placed, received } = await upload((request, response, nth) => {
      if (request.method !== 'POST' || nth > 1) return false;
      response.writeHead(status, headers).end();
      return true;
    });
    assert.is(placed, 'uploaded');
    assert.ok(received.equals(bytes));
  });
}

test('continues at the offset of the registry when the connection is cut in the middle', async () => {
  const kept: Buffer[] = [];
  let isCut = false;
  await using server = await serve((request, response) => {
    if (request.method !== 'PUT' || isCut) return takeUpload(request, response, kept);
    request.once('data', (chunk: Buffer) => {
      isCut = true;
      kept.push(chunk);
      request.socket.destroy();
    });
  });
  await using client = registryClient({ retries });
  const repository = client.repository({ registry: `127.0.0.1:${server.port}`, repository: 'app' });
  assert.is(await repository.put(blob, { from: content }, call), 'uploaded');
  assert.ok(Buffer.concat(kept).equals(bytes));
  const [patch] = pathsOf(server.seen, 'PATCH');
  assert.match(String(patch?.headers['content-range']), /^[1-9]\d*-299999$/);
});

test('sends smaller chunks when a body is refused as too large', async () => {
  const { placed, received, seen } = await upload((request, response) => {
    if (Number(request.headers['content-length'] ?? 0) <= 100_000) return false;
    request.resume().on('end', () => response.writeHead(413).end());
    return true;
  });
  assert.is(placed, 'uploaded');
  assert.ok(received.equals(bytes));
  assert.ok(pathsOf(seen, 'PATCH').length >= 4);
});

test('says why a push is denied, and how to log in', async () => {
  const error = await rejects(
    upload((request, response) => {
      if (request.method !== 'POST') return false;
      const message = 'requested access to the resource is denied';
      response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message }] }));
      return true;
    }),
    'registry',
    /denied: requested access to the resource is denied/,
  );
  assert.match(error.hint ?? '', /mkimage login 127\.0\.0\.1:/);
});

test('refuses the answer of a registry that stored another digest', async () => {
  const other = digestOf('other');
  await rejects(
    upload((request, response) => {
      if (request.method !== 'PUT') return false;
      request.resume().on('end', () => response.writeHead(201, { 'docker-content-digest': other }).end());
      return true;
    }),
    'integrity',
    /answers with the digest/,
  );
});

test('an upload address on another host gets the bytes, and no password', async () => {
  const stored: Buffer[] = [];
  await using storage = await serve((request, response) => takeUpload(request, response, stored), {
    address: '127.0.0.2',
  });
  const { placed } = await upload((request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return true;
    }
    if (request.method !== 'POST') return false;
    response.writeHead(202, { location: `http://127.0.0.2:${storage.port}/upload?signature=a%2Bb` }).end();
    return true;
  });
  assert.is(placed, 'uploaded');
  assert.ok(Buffer.concat(stored).equals(bytes));
  assert.match(storage.seen[0]!.path, /^\/upload\?signature=a%2Bb&digest=sha256%3A/);
  assert.ok(storage.seen.every(({ headers }) => headers.authorization === undefined));
});

test('refuses an upload address with a user name, or of another protocol', async () => {
  for (const location of ['http://me:pw@127.0.0.1/upload', 'file:///etc/passwd']) {
    const started = upload((request, response) => {
      if (request.method !== 'POST') return false;
      response.writeHead(202, { location }).end();
      return true;
    });
    await rejects(started, 'registry');
  }
});

test.run();
