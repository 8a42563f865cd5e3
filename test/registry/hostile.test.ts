import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LookupFunction } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, MEDIA_TYPE, type Reference } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import type { RegistryClient } from '../../src/registry/client.ts';
import { withNeeds } from '../support/needs.ts';
import { registryClient, type TestClientOptions } from '../support/registry-client.ts';
import { rejects } from '../support/rejects.ts';
import { type Script, type ScriptedServer, serve } from '../support/scripted-server.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';

const test = suite('registry client with a hostile registry');
const call = createQuietCall();
const retries = { retries: 3, firstDelay: 1, longestDelay: 1500 };

const blob = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251));
const descriptor = { mediaType: MEDIA_TYPE.layer, digest: digestOf(blob), size: blob.length };
const blobPath = `/v2/app/blobs/${descriptor.digest}`;
const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config: descriptor, layers: [] });

const credentials = async () => ({ username: 'user', secret: 'hunter2' });

interface Farm extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly client: RegistryClient & AsyncDisposable;
  readonly reference: Reference;
  blob(): Promise<Buffer>;
}

/** A registry on 127.0.0.1 that follows a script, and a client for it. `/v2/` itself always answers. */
async function farm(script: Script, options: TestClientOptions = {}): Promise<Farm> {
  const server = await serve((request, response, nth) =>
    request.url === '/v2/' ? response.end() : script(request, response, nth),
  );
  const client = registryClient({ retries, ...options });
  const reference = { registry: `127.0.0.1:${server.port}`, repository: 'app', tag: 'v1' };
  return {
    server,
    client,
    reference,
    blob: async () => buffer(await client.repository(reference).open(descriptor, call)),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function sendManifest(response: ServerResponse, text: string, type: string = MEDIA_TYPE.manifest) {
  response.setHeader('content-type', type).end(text);
}

function askForPassword(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.headers.authorization !== undefined) return false;
  response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
  return true;
}

// Redirects.

for (const status of [301, 302, 303, 307, 308]) {
  test(`leaves the password behind when ${status} leads to another host`, async () => {
    await using storage = await serve((_request, response) => response.end(blob), { address: '127.0.0.2' });
    await using registry = await farm(
      (request, response) => {
        if (askForPassword(request, response)) return;
        response.writeHead(status, { location: `http://127.0.0.2:${storage.port}/blob` }).end();
      },
      { credentials },
    );
    assert.is(digestOf(await registry.blob()), descriptor.digest);
    assert.is(storage.seen[0]?.headers.authorization, undefined);
    assert.is(registry.server.seen.at(-1)?.headers.authorization, 'Basic dXNlcjpodW50ZXIy');
  });
}

test('leaves the password behind when a redirect leads to another port of the same host', async () => {
  await using storage = await serve((_request, response) => response.end(blob));
  await using registry = await farm(
    (request, response) => {
      if (askForPassword(request, response)) return;
      response.writeHead(307, { location: `http://127.0.0.1:${storage.port}/blob` }).end();
    },
    { credentials },
  );
  await registry.blob();
  assert.is(storage.seen[0]?.headers.authorization, undefined);
});

test('keeps the password when a redirect stays with the registry', async () => {
  await using registry = await farm(
    (request, response) => {
      if (askForPassword(request, response)) return;
      if (request.url === '/elsewhere') return void response.end(blob);
      response.writeHead(307, { location: '/elsewhere' }).end();
    },
    { credentials },
  );
  await registry.blob();
  assert.is(registry.server.seen.at(-1)?.path, '/elsewhere');
  assert.is(registry.server.seen.at(-1)?.headers.authorization, 'Basic dXNlcjpodW50ZXIy');
});

test('does not give the password back when a redirect returns to the registry', async () => {
  await using storage: ScriptedServer = await serve(
    (_request, response) => response.writeHead(307, { location: `http://127.0.0.1:${home.server.port}/home` }).end(),
    { address: '127.0.0.2' },
  );
  await using home: Farm = await farm(
    (request, response) => {
      if (request.url === '/home') return void response.end(blob);
      if (askForPassword(request, response)) return;
      response.writeHead(307, { location: `http://127.0.0.2:${storage.port}/` }).end();
    },
    { credentials },
  );
  await home.blob();
  assert.is(home.server.seen.at(-1)?.path, '/home');
  assert.is(home.server.seen.at(-1)?.headers.authorization, undefined);
});

test('does not answer a challenge of the host that it was sent to', async () => {
  await using storage = await serve((_request, response) =>
    response.writeHead(401, { 'www-authenticate': 'Basic realm="give"' }).end(),
  );
  await using registry = await farm(
    (_request, response) => response.writeHead(307, { location: `http://127.0.0.1:${storage.port}/` }).end(),
    { credentials },
  );
  await rejects(registry.blob(), 'registry', /status 401/);
  assert.equal(
    storage.seen.map(({ headers }) => headers.authorization),
    [undefined],
  );
});

for (const [what, location, message] of [
  ['plain HTTP elsewhere', 'http://registry.test/blob', /plain HTTP/],
  ['a file', 'file:///etc/passwd', /not HTTP but `file:`/],
  ['a URL with a password', 'https://me:pw@registry.test/', /carries a user name/],
  ['nonsense', 'http://[', /not a URL/],
] as const) {
  test(`refuses a redirect to ${what}`, async () => {
    await using registry = await farm((_request, response) => response.writeHead(302, { location }).end());
    await rejects(registry.blob(), 'registry', message);
  });
}

test('a registry that closes while its blob is read slowly has said all of it', async () => {
  const bytes = Buffer.alloc(3 << 20, 'blob ');
  const large = { ...descriptor, digest: digestOf(bytes), size: bytes.length };
  for (const header of ['', `Content-Length: ${bytes.length}\r\n`]) {
    await using registry = await farm((request) =>
      request.socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nConnection: close\r\n${header}\r\n`), bytes])),
    );
    const pieces: Buffer[] = [];
    for await (const piece of await registry.client.repository(registry.reference).open(large, call)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      pieces.push(piece);
    }
    assert.ok(Buffer.concat(pieces).equals(bytes));
  }
});

test('gives up on redirects that never end', async () => {
  await using registry = await farm((_request, response) => response.writeHead(302, { location: '/again' }).end());
  await rejects(registry.blob(), 'registry', /more than 10 redirects/);
});

// Realms.

function bearer(realm: string): Script {
  return (request, response) => {
    if (request.headers.authorization === 'Bearer good') return sendManifest(response, manifest);
    const challenge = `Bearer realm="${realm}",service="the registry",scope="repository:app:pull,push"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
  };
}

test('gets a token from the realm, asking only for pull, and uses it again', async () => {
  await using realm = await serve((_request, response) => response.end('{"token":"good"}'));
  await using registry = await farm(bearer(`http://127.0.0.1:${realm.port}/token`), { credentials });
  await registry.client.manifest(registry.reference, call);
  await registry.client.manifest(registry.reference, call);
  assert.is(realm.seen.length, 1);
  assert.is(realm.seen[0]?.path, '/token?service=the+registry&scope=repository%3Aapp%3Apull');
  assert.is(realm.seen[0]?.headers.authorization, 'Basic dXNlcjpodW50ZXIy');
});

test('gets a new token when the old one is no longer good', async () => {
  await using realm = await serve((_request, response, nth) => response.end(`{"access_token":"token-${nth}"}`));
  let good = 'Bearer token-1';
  await using registry = await farm((request, response) => {
    if (request.headers.authorization === good) return sendManifest(response, manifest);
    response.writeHead(401, { 'www-authenticate': `Bearer realm="http://127.0.0.1:${realm.port}/t"` }).end();
  });
  await registry.client.manifest(registry.reference, call);
  good = 'Bearer token-2';
  await registry.client.manifest(registry.reference, call);
  assert.is(realm.seen.length, 2);
});

test('asks once for a token that many requests need at the same time', async () => {
  await using realm = await serve((_request, response) => response.end('{"token":"good"}'));
  await using registry = await farm(bearer(`http://127.0.0.1:${realm.port}/token`));
  await registry.client.manifest(registry.reference, call);
  await Promise.all([1, 2, 3, 4].map(() => registry.client.manifest(registry.reference, call)));
  assert.is(realm.seen.length, 1);
});

for (const [what, realm] of [
  ['plain HTTP elsewhere', 'http://auth.registry.test/token'],
  ['a URL with a password', 'https://me:pw@auth.registry.test/token'],
  ['a file', 'file:///etc/passwd'],
  ['nothing', ''],
] as const) {
  test(`does not trust a realm that is ${what}`, async () => {
    await using registry = await farm(bearer(realm), { credentials });
    await rejects(registry.client.manifest(registry.reference, call), 'registry', /is not trusted/);
  });
}

for (const [what, body] of [
  ['a line break', '{"token":"good\\r\\nx-evil: 1"}'],
  ['no token', '{"token":""}'],
  ['no JSON', '<html>'],
  ['a number', '{"token":5}'],
] as const) {
  test(`refuses a token answer with ${what}`, async () => {
    await using realm = await serve((_request, response) => response.end(body));
    await using registry = await farm(bearer(`http://127.0.0.1:${realm.port}/`));
    await rejects(registry.client.manifest(registry.reference, call), 'registry', /no token in the answer/);
  });
}

test('survives challenges that make no sense', async () => {
  await using registry = await farm((_request, response) =>
    response.writeHead(401, { 'www-authenticate': ['Bearer', '=,,="', 'Digest x=y'] }).end(),
  );
  await rejects(registry.client.manifest(registry.reference, call), 'registry', /status 401/);
});

// Content.

test('refuses a manifest whose bytes are not those of the digest asked for', async () => {
  await using registry = await farm((_request, response) => sendManifest(response, manifest));
  const wanted = { ...registry.reference, digest: digestOf('something else') };
  await rejects(registry.client.manifest(wanted, call), 'integrity', /its digest is/);
});

test('refuses a manifest that is not what its own header says', async () => {
  await using registry = await farm((_request, response) => {
    response.setHeader('docker-content-digest', digestOf('something else'));
    sendManifest(response, manifest);
  });
  await rejects(registry.client.manifest(registry.reference, call), 'integrity', /its digest is/);
});

for (const [what, text, type, code, message] of [
  [
    'an index that is sent as a manifest',
    `{"mediaType":"${MEDIA_TYPE.index}"}`,
    MEDIA_TYPE.manifest,
    'integrity',
    /but the content says/,
  ],
  ['text that is not JSON', 'hello', MEDIA_TYPE.manifest, 'integrity', /not JSON/],
  ['the null of JSON', 'null', MEDIA_TYPE.manifest, 'integrity', /not JSON/],
  ['something else than an image', '{}', 'application/json', 'unsupported', /not an image manifest/],
] as const) {
  test(`refuses ${what}`, async () => {
    await using registry = await farm((_request, response) => sendManifest(response, text, type));
    await rejects(registry.client.manifest(registry.reference, call), code, message);
  });
}

test('does not read a manifest of more than 4 MiB', async () => {
  await using registry = await farm((_request, response) => {
    response.setHeader('content-type', MEDIA_TYPE.manifest);
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65536, 32)));
    };
    response.on('drain', pour);
    pour();
  });
  await rejects(registry.client.manifest(registry.reference, call), 'limit', /larger than/);
});

test('refuses a blob whose length is not that of the descriptor', async () => {
  await using registry = await farm((_request, response) => response.end(blob.subarray(1)));
  await rejects(registry.blob(), 'integrity', /has 199999 bytes, the descriptor says 200000/);
});

test('refuses a blob that goes on after its size', async () => {
  await using registry = await farm((_request, response) => {
    response.write(blob);
    response.end('more');
  });
  await rejects(registry.blob(), 'integrity', /longer than/);
});

test('refuses a blob that is sent compressed on top', async () => {
  await using registry = await farm((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(blob),
  );
  await rejects(registry.blob(), 'integrity', /content encoding `gzip`/);
});

test('does not fetch a digest that is a path', async () => {
  await using registry = await farm((_request, response) => response.end());
  const evil = { ...descriptor, digest: 'sha256:../../secret' as const };
  await rejects(registry.client.repository(registry.reference).open(evil, call), 'invalid-reference');
  assert.is(registry.server.seen.length, 0);
});

// Failures that pass.

test('takes up a blob where the connection broke off', async () => {
  await using registry = await farm((request, response, nth) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const start = range === null ? 0 : Number(range[1]);
    const head = { 'content-length': blob.length - start };
    if (range === null) response.writeHead(200, head);
    else response.writeHead(206, { ...head, 'content-range': `bytes ${start}-${blob.length - 1}/${blob.length}` });
    if (nth > 2) return void response.end(blob.subarray(start));
    response.write(blob.subarray(start, start + 60_000), () => response.destroy());
  });
  assert.is(digestOf(await registry.blob()), descriptor.digest);
  const ranges = registry.server.seen.filter(({ path }) => path === blobPath).map(({ headers }) => headers.range);
  assert.equal(ranges.length, 3);
  assert.is(ranges[0], undefined);
  assert.ok(Number(/\d+/.exec(ranges[2] ?? '')?.[0]) > 60_000);
});

test('takes up a blob also where the registry knows no ranges', async () => {
  await using registry = await farm((_request, response, nth) => {
    response.writeHead(200, { 'content-length': blob.length });
    if (nth > 1) return void response.end(blob);
    response.write(blob.subarray(0, 100_000), () => response.destroy());
  });
  assert.is(digestOf(await registry.blob()), descriptor.digest);
});

test('refuses another range than it asked for', async () => {
  await using registry = await farm((request, response) => {
    if (request.headers.range === undefined) {
      response.writeHead(200, { 'content-length': blob.length });
      return void response.write(blob.subarray(0, 100), () => response.destroy());
    }
    response.writeHead(206, { 'content-range': `bytes 0-99/${blob.length}` }).end(blob.subarray(0, 100));
  });
  await rejects(registry.blob(), 'integrity', /another range/);
});

test('gives up on a blob that always breaks off', async () => {
  await using registry = await farm((_request, response) => {
    response.writeHead(200, { 'content-length': blob.length });
    response.write(blob.subarray(0, 10), () => response.destroy());
  });
  await rejects(registry.blob(), 'network');
  assert.is(registry.server.seen.filter(({ path }) => path === blobPath).length, 4);
});

test('gives up on a blob that always ends early', async () => {
  await using registry = await farm((_request, response) => {
    response.write(blob.subarray(0, 10));
    response.end();
  });
  await rejects(registry.blob(), 'integrity', /ended after 10 of 200000 bytes/);
});

for (const status of [408, 429, 500, 502, 503, 504]) {
  test(`tries again after ${status}`, async () => {
    await using registry = await farm((_request, response, nth) => {
      if (nth < 3) return void response.writeHead(status).end();
      sendManifest(response, manifest);
    });
    assert.is((await registry.client.manifest(registry.reference, call)).descriptor.digest, digestOf(manifest));
  });
}

test('waits as long as Retry-After says', async () => {
  await using registry = await farm((_request, response, nth) => {
    if (nth === 1) return void response.writeHead(429, { 'retry-after': '1' }).end();
    sendManifest(response, manifest);
  });
  const start = performance.now();
  await registry.client.manifest(registry.reference, call);
  assert.ok(performance.now() - start > 950);
});

test('does not wait for a registry that asks for too much patience', async () => {
  await using registry = await farm((_request, response) =>
    response
      .writeHead(429, { 'retry-after': '3600' })
      .end('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}'),
  );
  const error = await rejects(
    registry.client.manifest(registry.reference, call),
    'registry',
    /slow down \(status 429\)/,
  );
  assert.match(error.hint ?? '', /try again later/);
  assert.is(registry.server.seen.filter(({ path }) => path !== '/v2/').length, 1);
});

test('does not try again what is refused for good', async () => {
  await using registry = await farm((_request, response) => response.writeHead(403).end());
  await rejects(registry.client.manifest(registry.reference, call), 'registry', /status 403/);
  assert.is(registry.server.seen.filter(({ path }) => path !== '/v2/').length, 1);
});

test('gives up on a registry that says nothing', async () => {
  await using registry = await farm(() => {}, { patience: 1100, retries: { ...retries, retries: 0 } });
  await rejects(registry.client.manifest(registry.reference, call), 'network', /timeout/i);
});

test('stops at once when the caller cancels, while waiting and while reading', async () => {
  const controller = new AbortController();
  await using registry = await farm((request, response) => {
    if (request.url !== blobPath) return void response.writeHead(503, { 'retry-after': '1' }).end();
    response.writeHead(200, { 'content-length': blob.length }).write(blob.subarray(0, 10));
  });
  const cancelled = { signal: controller.signal, report: () => {} };
  const manifestWork = registry.client.manifest(registry.reference, cancelled);
  const blobWork = registry.client.repository(registry.reference).open(descriptor, cancelled).then(buffer);
  setTimeout(() => controller.abort(), 100);
  const start = performance.now();
  await Promise.all([rejects(manifestWork, 'cancelled'), rejects(blobWork, 'cancelled')]);
  assert.ok(performance.now() - start < 800);
});

test('keeps secrets and control characters out of messages, and long bodies short', async () => {
  const said = `no \u001b[31m https://user:pw@host.test/x?X-Amz-Signature=abc Bearer t0ken ${'x'.repeat(50_000)}`;
  await using registry = await farm((_request, response) =>
    response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message: said.slice(0, 10_000) }] })),
  );
  const { message } = await rejects(registry.client.manifest(registry.reference, call), 'registry', /status 403/);
  assert.not.match(message, /\u001b|:pw@|abc|t0ken/);
  assert.ok(message.length < 500);
});

// TLS.

const withOpenssl = withNeeds(test, { programs: ['openssl'] });

/** Every name is this machine: what a test calls `registry.test` is connected to on 127.0.0.1, over real TLS. */
const homeLookup: LookupFunction = (_name, options, done) =>
  options.all === true ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

withOpenssl('never leaves HTTPS by a redirect, and never follows one to this machine', async () => {
  const tls = throwawayCertificate(['registry.test']);
  const locations = [
    'http://registry.test/',
    'https://127.0.0.1/',
    'https://169.254.169.254/',
    'https://metadata.test/',
  ];
  for (const location of locations) {
    await using server = await serve((_request, response) => response.writeHead(307, { location }).end(), { tls });
    await using client = registryClient({
      retries,
      lookup: homeLookup,
      authorities: [tls.cert],
    });
    const reference = { registry: `registry.test:${server.port}`, repository: 'app', tag: 'v1' };
    await rejects(client.manifest(reference, call), 'registry', /leaves HTTPS|own network/);
  }
});

withOpenssl('speaks TLS to a registry of this machine that answers it', async () => {
  const tls = throwawayCertificate(['127.0.0.1']);
  await using server = await serve((_request, response) => sendManifest(response, manifest), { tls });
  await using client = registryClient({ retries, authorities: [tls.cert] });
  await client.manifest({ registry: `127.0.0.1:${server.port}`, repository: 'app', tag: 'v1' }, call);
});

withOpenssl('does not fall back to plain HTTP where the certificate is not trusted', async () => {
  const tls = throwawayCertificate(['127.0.0.1']);
  await using server = await serve((_request, response) => sendManifest(response, manifest), { tls });
  await using client = registryClient({ retries });
  const reference = { registry: `127.0.0.1:${server.port}`, repository: 'app', tag: 'v1' };
  const error = await rejects(client.manifest(reference, call), 'network', /self-signed/);
  assert.match(error.hint ?? '', /not trusted/);
});

test('does not speak plain HTTP to another machine', async () => {
  await using server = await serve((_request, response) => sendManifest(response, manifest));
  await using client = registryClient({
    retries: { ...retries, retries: 0 },
    lookup: homeLookup,
  });
  const reference = { registry: `registry.test:${server.port}`, repository: 'app', tag: 'v1' };
  await rejects(client.manifest(reference, call), 'network', /registry\.test/);
  assert.is(server.seen.length, 0);
});

test('names what is not there', async () => {
  await using client = registryClient({ retries });
  const refused = await rejects(
    client.manifest({ registry: '127.0.0.1:1', repository: 'app', tag: 'v1' }, call),
    'network',
  );
  assert.match(refused.hint ?? '', /nothing listens there/);
});

test('sends requests through a proxy, but not those to this machine', async () => {
  await using proxy = await serve((_request, response) => response.writeHead(502).end());
  await using registry = await farm((_request, response) => sendManifest(response, manifest), {
    proxies: { http: `http://127.0.0.1:${proxy.port}`, https: `http://127.0.0.1:${proxy.port}` },
    retries: { ...retries, retries: 0 },
  });
  await registry.client.manifest(registry.reference, call);
  assert.is(proxy.seen.length, 0);
});

test.run();
