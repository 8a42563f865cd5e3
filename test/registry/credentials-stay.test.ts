/** No redirect of a token server or a registry carries credentials to another server, whatever kind they are. */
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { registryClient } from '../support/registry-client.ts';
import { type Script, serve } from '../support/scripted-server.ts';

const test = suite('credentials stay with their server');
const call = createQuietCall();
const SECRET = 'hunter2-the-secret';
const CREDENTIALS = {
  'a password': { username: 'user', secret: SECRET },
  'an identity token': { kind: 'identity-token', username: '', secret: SECRET },
  'a registry token': { kind: 'registry-token', username: '', secret: SECRET },
} as const;
const manifest = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] });

/** A server that notes all it is sent, as text. */
async function listen(script: Script) {
  const heard: string[] = [];
  const server = await serve((request, response, nth) => {
    void text(request).then((body) => {
      heard.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body}`);
      script(request, response, nth);
    });
  });
  return { heard, port: server.port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function redirect(response: ServerResponse, status: number, location: string): void {
  response.writeHead(status, { location }).end();
}

const isSecretIn = (line: string) =>
  line.includes(SECRET) || line.includes(Buffer.from(`user:${SECRET}`).toString('base64'));

/** Asks a registry for an image; its token server and the registry itself answer as told. What a third server heard. */
async function ask(
  credentials: (typeof CREDENTIALS)[keyof typeof CREDENTIALS],
  scripts: (thief: string) => { readonly token: Script; readonly registry?: Script },
) {
  await using thief = await listen((_, response) => response.end(JSON.stringify({ token: 'stolen' })));
  const { token, registry } = scripts(`http://127.0.0.1:${thief.port}/x`);
  await using tokens = await listen(token);
  const challenge = `Bearer realm="http://127.0.0.1:${tokens.port}/token",service="s"`;
  await using server = await listen((request, response, nth) => {
    if (request.headers.authorization === undefined) response.writeHead(401, { 'www-authenticate': challenge }).end();
    else if (registry !== undefined) registry(request, response, nth);
    else response.setHeader('content-type', MEDIA_TYPE.index).end(manifest);
  });
  await using client = registryClient({ credentials: async () => credentials });
  const reference = { registry: `127.0.0.1:${server.port}`, repository: 'app', tag: 'v1' };
  const failure = await client.manifest(reference, call).then(
    () => undefined,
    (error: Error) => error,
  );
  return { failure, thief: [...thief.heard], tokens: [...tokens.heard] };
}

for (const [name, credentials] of Object.entries(CREDENTIALS)) {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`${name} is not sent on by a token server that answers ${status}`, async () => {
      const { thief } = await ask(credentials, (url) => ({ token: (_, response) => redirect(response, status, url) }));
      assert.equal(thief.filter(isSecretIn), []);
    });

    test(`${name} is not sent on by a registry that answers ${status}`, async () => {
      const { thief } = await ask(credentials, (url) => ({
        token: (_, response) => response.end(JSON.stringify({ token: SECRET })),
        registry: (_, response) => redirect(response, status, url),
      }));
      assert.equal(thief.filter(isSecretIn), []);
    });
  }
}

for (const status of [307, 308]) {
  test(`an exchange of an identity token that is sent elsewhere by ${status} says where to`, async () => {
    const { failure, thief } = await ask(CREDENTIALS['an identity token'], (url) => ({
      token: (_, response) => redirect(response, status, url),
    }));
    assert.match(String(failure?.message), /the credentials that are sent are not for `127\.0\.0\.1:\d+`/);
    assert.equal(thief, []);
  });

  test(`an exchange of an identity token follows ${status} on the same server`, async () => {
    const { failure, tokens } = await ask(CREDENTIALS['an identity token'], () => ({
      token: (request, response) =>
        request.url === '/moved'
          ? response.end(JSON.stringify({ token: 'right' }))
          : redirect(response, status, '/moved'),
    }));
    assert.is(failure, undefined);
    assert.is(tokens.filter(isSecretIn).length, 2);
  });
}

test.run();
