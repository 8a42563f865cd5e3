import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileNameOf, openHttpFetcher } from '../../src/context/http/http.ts';
import { type ErrorCode, isMkimageError, type MkimageError } from '../../src/errors.ts';
import { HttpClient, NO_RETRIES } from '../../src/http/index.ts';
import { digestOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { tempDir } from '../support/temp.ts';

const root = tempDir('http-files');
let count = 0;
const client = new HttpClient({ patience: 2000, retries: NO_RETRIES });

interface Context {
  readonly servers: Server[];
}

const test = suite<Context>('files by http', { servers: [] });

test.after(async ({ servers }) => {
  await client[Symbol.asyncDispose]();
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
});

/** A server that answers so, and what it was asked. */
async function serve(
  { servers }: Context,
  answer: RequestListener,
): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function fetcher(directory = join(root, `d${count++}`)) {
  const http = openHttpFetcher({ directory, http: client });
  const fetch = (url: string, checksum?: string, headers: Record<string, string> = {}) =>
    http.fetch(url, { checksum: checksum as ReturnType<typeof digestOf> | undefined, headers }, createQuietCall());
  return { directory, fetch };
}

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<MkimageError> {
  try {
    await work;
  } catch (error) {
    assert.ok(isMkimageError(error, code), `${error}`);
    return error as MkimageError;
  }
  throw new Error('it did not fail');
}

test('a file has mode 600, the name of the URL and the time of the server', async (context) => {
  const modified = 'Tue, 14 Nov 2023 22:13:20 GMT';
  const { url } = await serve(context, (_, response) => {
    response.setHeader('last-modified', modified);
    response.setHeader('content-disposition', 'attachment; filename="other"');
    response.end('hello');
  });
  const file = await fetcher().fetch(`${url}/dir/a%20b.txt?x=1`);
  assert.equal([file.name, file.path, file.modified], ['a b.txt', 'a b.txt', 1700000000]);
  assert.equal(file.tree.stat('a b.txt'), {
    ...{ path: 'a b.txt', type: 'file', mode: 0o600, uid: 0, gid: 0, size: 5, mtime: 1700000000 },
  });
  assert.is(await file.tree.digest('a b.txt'), digestOf('hello'));
  assert.is(readFileSync(file.file, 'utf8'), 'hello');
});

test('an unchanged file is asked for and not fetched again', async (context) => {
  const { url, asked } = await serve(context, (request, response) => {
    response.setHeader('etag', 'W/"1"');
    response.statusCode = request.headers['if-none-match'] === 'W/"1"' ? 304 : 200;
    response.end(request.method === 'HEAD' ? undefined : 'hello');
  });
  const { fetch } = fetcher();
  const [first, second] = [await fetch(`${url}/f`), await fetch(`${url}/f`)];
  assert.is(second.identity, first.identity);
  assert.equal(
    asked.map((request) => request.method),
    ['GET', 'HEAD'],
  );
});

test('a server that does not honour its tags is believed by comparing them', async (context) => {
  const { url, asked } = await serve(context, (_, response) => {
    response.setHeader('etag', '"1"');
    response.end('hello');
  });
  const { fetch } = fetcher();
  await fetch(`${url}/f`);
  await fetch(`${url}/f`);
  assert.equal(
    asked.map((request) => request.method),
    ['GET', 'HEAD'],
  );
});

test('a changed file is fetched again', async (context) => {
  let version = 1;
  const { url } = await serve(context, (_, response) => {
    response.setHeader('etag', `"${version}"`);
    response.end(`version ${version}`);
  });
  const { fetch } = fetcher();
  assert.is((await fetch(`${url}/f`)).digest, digestOf('version 1'));
  version = 2;
  assert.is((await fetch(`${url}/f`)).digest, digestOf('version 2'));
});

test('a server that says nothing of versions is asked for the whole file each time', async (context) => {
  const { url, asked } = await serve(context, (_, response) => response.end('hello'));
  const { fetch } = fetcher();
  await fetch(`${url}/f`);
  await fetch(`${url}/f`);
  assert.equal(
    asked.map((request) => request.method),
    ['GET', 'GET'],
  );
});

test('a checksum that matches a stored file sends no request; one that matches nothing is refused', async (context) => {
  const { url, asked } = await serve(context, (_, response) => response.end('hello'));
  const { fetch } = fetcher();
  await fetch(`${url}/f`, digestOf('hello'));
  await fetch(`${url}/f`, digestOf('hello'));
  assert.is(asked.length, 1);
  const error = await fails(fetch(`${url}/f`, digestOf('other')), 'integrity');
  assert.equal(error.evidence, { expected: digestOf('other'), found: digestOf('hello') });
});

test('redirects are followed, and credentials stay with their own server', async (context) => {
  const other = await serve(context, (_, response) => response.end('hello'));
  const first = await serve(context, (request, response) => {
    const here = request.url === '/start';
    response.writeHead(302, { location: here ? '/next' : `${other.url}/end` }).end();
  });
  const url = first.url.replace('http://', 'http://user:p%40ss@');
  const file = await fetcher().fetch(`${url}/start`, undefined, { 'x-plain': '1', cookie: 'secret' });
  assert.is(file.digest, digestOf('hello'));
  assert.is(file.name, 'start');
  const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  assert.is(first.asked[0]?.headers.authorization, basic);
  assert.equal([other.asked[0]?.headers.authorization, other.asked[0]?.headers.cookie], [undefined, undefined]);
  assert.is(other.asked[0]?.headers['x-plain'], '1');
});

test('a circle of redirects and one to another protocol are errors', async (context) => {
  const circle = await serve(context, (_, response) => response.writeHead(302, { location: '/again' }).end());
  await fails(fetcher().fetch(`${circle.url}/f`), 'network');
  const file = await serve(context, (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
  await fails(fetcher().fetch(`${file.url}/f`), 'network');
});

test('errors name the URL without its password, and leave nothing behind', async (context) => {
  const { url } = await serve(context, (request, response) => {
    if (request.url === '/cut')
      response.writeHead(200, { 'content-length': '100' }).write('short', () => response.destroy());
    else response.writeHead(request.url === '/gone' ? 404 : 500).end('no');
  });
  const { directory, fetch } = fetcher();
  const secret = url.replace('http://', 'http://user:secret@');
  for (const [path, code] of [
    ['/gone', 'not-found'],
    ['/broken', 'network'],
    ['/cut', 'network'],
  ] as const) {
    const error = await fails(fetch(secret + path), code);
    assert.not.match(error.message, 'secret');
  }
  assert.equal(readdirSync(directory), []);
});

test('bytes that were packed for the way alone are unpacked', async (context) => {
  const { url } = await serve(context, (_, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync('hello'));
  });
  assert.is((await fetcher().fetch(`${url}/f.txt`)).digest, digestOf('hello'));
});

test('a build that is cancelled stops fetching', async (context) => {
  const { url } = await serve(context, (_, response) => void response.writeHead(200).write('some'));
  const directory = join(root, `d${count++}`);
  mkdirSync(directory);
  const stop = new AbortController();
  const call = { signal: stop.signal, report: () => {} };
  const work = openHttpFetcher({ directory, http: client }).fetch(`${url}/f`, { checksum: undefined }, call);
  setTimeout(() => stop.abort(), 50);
  await fails(work, 'cancelled');
  assert.equal(readdirSync(directory), []);
});

for (const [url, name] of [
  ['http://h/a/b.tgz', 'b.tgz'],
  ['http://h/a/', 'a'],
  ['http://h/', '__unnamed__'],
  ['http://h', '__unnamed__'],
  ['http://h/a%2fb', 'b'],
  ['http://h/%2e%2e%2f..', 'download'],
  ['http://h/a%00b', 'download'],
  ['http://h/%E0%A4%A', '%E0%A4%A'],
  ['http://h/caf%e9%C3%A9', 'caf\udce9é'],
] as const) {
  test(`${url} is called ${name}`, () => assert.is(fileNameOf(url), name));
}

test.run();
