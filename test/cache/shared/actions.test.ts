import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ActionsStorage } from '../../../src/cache/shared/actions.ts';
import { createActionsApi, createActionsRest } from '../../../src/cache/shared/actions-api.ts';
import { HttpClient } from '../../../src/http/index.ts';
import { digestOf, MEDIA_TYPE } from '../../../src/oci/index.ts';
import { createQuietCall } from '../../../src/progress.ts';
import { sharedCacheContract } from '../../contract/shared-cache.ts';
import { ACTIONS_TOKEN, type ActionsServer, startActionsServer } from '../../support/actions-server.ts';
import { rejects } from '../../support/rejects.ts';

const call = createQuietCall();
const http = new HttpClient();
const servers: ActionsServer[] = [];
let stamps = 0;

async function startServer(): Promise<ActionsServer> {
  const server = await startActionsServer();
  servers.push(server);
  return server;
}

function storageOf({ url }: ActionsServer, { create = createActionsApi, scope = 'app', token = ACTIONS_TOKEN } = {}) {
  return new ActionsStorage({ http, api: create({ http, url, token }), scope, stamp: () => String(++stamps) });
}

sharedCacheContract('GitHub Actions, version 2', async () => {
  const server = await startServer();
  return () => storageOf(server);
});
sharedCacheContract('GitHub Actions, version 1', async () => {
  const server = await startServer();
  return () => storageOf(server, { create: createActionsRest });
});

const test = suite('a shared cache of GitHub Actions');
const document = Buffer.from('{"version":1}');
const content = (text: string) => ({
  blob: { mediaType: MEDIA_TYPE.layer, digest: digestOf(text), size: Buffer.byteLength(text) },
  open: async () => Readable.from([Buffer.from(text)]),
});

test('writes many small blobs as one entry, and fetches it once', async () => {
  const server = await startServer();
  const texts = Array.from({ length: 100 }, (_, index) => `small blob ${index}`);
  const writer = storageOf(server);
  for (const text of texts) await writer.put(content(text), call);
  await writer.publish({ document, blobs: texts.map((text) => content(text).blob) }, call);
  assert.is(server.entries.size, 2);
  const reader = storageOf(server);
  for (const text of texts) assert.is((await buffer(await reader.open(content(text).blob, call))).toString(), text);
  const fetched = server.server.seen.filter(({ method, path }) => method === 'GET' && path.startsWith('/signed/'));
  assert.is(fetched.length, 2);
});

test('another scope has other records', async () => {
  const server = await startServer();
  await storageOf(server, { scope: 'one' }).publish({ document, blobs: [] }, call);
  assert.is(await storageOf(server, { scope: 'on' }).readDocument(call), undefined);
  assert.equal(await storageOf(server, { scope: 'one' }).readDocument(call), document);
});

test('a damaged pack is an error of its blobs, and a damaged index is no cache', async () => {
  const server = await startServer();
  const writer = storageOf(server);
  await writer.put(content('text'), call);
  await writer.publish({ document, blobs: [content('text').blob] }, call);
  const [pack, index] = [...server.entries.keys()] as [string, string];
  server.entries.set(pack, Buffer.from('TEXT'));
  await rejects(storageOf(server).open(content('text').blob, call), 'integrity');
  server.entries.set(index, Buffer.from('<html>'));
  await rejects(storageOf(server).readDocument(call), 'invalid-archive');
});

test('a refused token and a service that is busy are errors', async () => {
  const server = await startServer();
  const refused = await rejects(storageOf(server, { token: 'wrong-token' }).readDocument(call), 'registry');
  assert.match(refused.message, /status 401/);
  assert.not.match(refused.message, /wrong-token/);
  server.failWith = 429;
  await rejects(storageOf(server).readDocument(call), 'registry', /status 429/);
});

test.after(async () => {
  await http[Symbol.asyncDispose]();
  for (const server of servers) await server[Symbol.asyncDispose]();
});
test.run();
