/** Servers that break off, never end, send bombs, or send us where we should not go. */
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import type { AddressInfo, LookupFunction } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openHttpFetcher } from '../../src/context/http/http.ts';
import { HttpClient, type HttpClientOptions, NO_RETRIES } from '../../src/http/index.ts';
import { DEFAULT_LIMITS, getLimits, type Limits, setLimits } from '../../src/limits.ts';
import { createQuietCall } from '../../src/progress.ts';
import { withNeeds } from '../support/needs.ts';
import { rejects } from '../support/rejects.ts';
import { serve } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';

const test = suite('hostile web servers');
const root = tempDir('http-hostile');
let count = 0;
const servers: Server[] = [];
const clients: HttpClient[] = [];

test.after(async () => {
  for (const client of clients) await client[Symbol.asyncDispose]();
  for (const server of servers) server.close();
});

/** A server that says exactly these bytes to whoever asks, and then does `end`. */
async function speak(
  bytes: Uint8Array | string,
  end: (socket: Socket) => void = (socket) => socket.end(),
): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(bytes, () => end(socket)));
  });
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
}

const answer = (headers: readonly string[], body: Uint8Array | string) =>
  Buffer.concat([Buffer.from(`${['HTTP/1.1 200 OK', ...headers, '', ''].join('\r\n')}`), Buffer.from(body)]);

function fetcher(access: HttpClientOptions = {}) {
  const directory = join(root, `d${count++}`);
  const client = new HttpClient({ patience: 2000, retries: NO_RETRIES, ...access });
  clients.push(client);
  const http = openHttpFetcher({ directory, http: client });
  return {
    fetch: (url: string) => http.fetch(url, { checksum: undefined }, createQuietCall()),
    left: () => readdirSync(directory).filter((name) => name.endsWith('.tmp')),
    directory,
  };
}

async function withLimits<T>(wanted: Partial<Limits>, work: () => Promise<T>): Promise<T> {
  const before = getLimits();
  setLimits({ ...DEFAULT_LIMITS, ...wanted });
  try {
    return await work();
  } finally {
    setLimits(before);
  }
}

/** More, packed, than a connection holds before somebody reads. */
const BIG = 256 << 20;
const zeros = Buffer.alloc(BIG);
const packed = gzipSync(zeros);
const small = gzipSync(Buffer.alloc(1 << 20));
const GZIP = 'Content-Encoding: gzip';
const CLOSE = 'Connection: close';

const chunked = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')]);

test('a server that closes while what it sent waits to be read has said all of it', async () => {
  const forms = [
    answer([CLOSE, GZIP], packed),
    answer([CLOSE, GZIP, `Content-Length: ${packed.length}`], packed),
    answer([CLOSE, GZIP, 'Transfer-Encoding: chunked'], chunked(packed)),
  ];
  for (const form of forms) {
    const { fetch, left } = fetcher();
    assert.is((await fetch(await speak(form))).tree.stat('x')?.size, BIG);
    assert.equal(left(), []);
  }
});

test('the same through a proxy', async () => {
  const proxy = new URL(await speak(answer([CLOSE, GZIP], packed))).origin;
  const { fetch } = fetcher({ proxies: { http: proxy } });
  assert.is((await fetch('http://example.test/x')).tree.stat('x')?.size, BIG);
});

test('a server that breaks off is an error, and leaves nothing behind', async () => {
  const half = small.subarray(0, small.length / 2);
  const forms: readonly [Buffer, ((socket: Socket) => void)?][] = [
    [answer([CLOSE, GZIP], half)],
    [answer([CLOSE, GZIP], Buffer.concat([half, Buffer.from('rubbish'), half]))],
    [answer([CLOSE, GZIP, `Content-Length: ${small.length}`], half)],
    [answer([CLOSE, GZIP, 'Transfer-Encoding: chunked'], chunked(small).subarray(0, 300))],
    [answer([CLOSE, 'Content-Length: 100'], 'short')],
    [answer([CLOSE, 'Transfer-Encoding: chunked'], '5\r\nab')],
    [answer([CLOSE, GZIP], half), (socket) => socket.resetAndDestroy()],
    [answer(['Content-Length: 100'], 'short'), (socket) => socket.resetAndDestroy()],
    [Buffer.from('HTTP/1.1 200 OK\r\nContent-Le')],
    [Buffer.from('rubbish\r\n\r\n')],
    [Buffer.alloc(0)],
    [answer([CLOSE, `X: ${'y'.repeat(100_000)}`], 'z')],
  ];
  for (const [bytes, end] of forms) {
    const { fetch, left } = fetcher();
    await rejects(fetch(await speak(bytes, end)), 'network');
    assert.equal(left(), []);
  }
});

test('an answer that unpacks to too much, is too long or too slow is given up', async () => {
  const bomb = await speak(answer([CLOSE, GZIP], small));
  await withLimits({ UNPACKED_BYTES: 1 << 18 }, () => rejects(fetcher().fetch(bomb), 'limit', /expand to more than/));
  const long = await speak(answer([CLOSE], Buffer.alloc(100_000)));
  const { fetch, left } = fetcher();
  await withLimits({ FETCH_BYTES: 99_999 }, () => rejects(fetch(long), 'limit', /more than 99999 bytes/));
  assert.equal(left(), []);
  const slow = await speak(answer([CLOSE], ''), (socket) => {
    const timer = setInterval(() => socket.write('x'), 10);
    socket.once('close', () => clearInterval(timer));
  });
  await withLimits({ FETCH_SECONDS: 0.2 }, () => rejects(fetcher().fetch(slow), 'limit', /more than 0.2 seconds/));
});

test('what killed builds left half-written goes a day later', async () => {
  const { fetch, directory, left } = fetcher();
  const url = await speak(answer([CLOSE], 'x'));
  await fetch(url);
  for (const name of ['old.tmp', 'new.tmp']) writeFileSync(join(directory, name), '');
  utimesSync(join(directory, 'old.tmp'), 1_000_000, 1_000_000);
  await fetch(url);
  assert.equal(left(), ['new.tmp']);
});

/** Names of the internet, as far as a test can have any: `metadata.test` and `corp.test` lie where they should not. */
const lookup: LookupFunction = (name, options, done) => {
  const address = { 'metadata.test': '169.254.169.254', 'corp.test': '10.0.0.1' }[name] ?? '127.0.0.1';
  return options.all === true ? done(null, [{ address, family: 4 }]) : done(null, address, 4);
};

test('a redirect leads to no address of a private network or of this machine, whatever name it has', async () => {
  const elsewhere = [
    'http://127.0.0.1:1/',
    'http://localhost/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://192.168.0.1/',
    'http://[fd00::1]/',
    'http://2130706433/',
    'http://metadata.test/',
    'http://corp.test/',
    'http://another-name-of-here.test/',
  ];
  for (const location of elsewhere) {
    await using server = await serve((_request, response) => response.writeHead(302, { location }).end());
    const error = await rejects(
      fetcher({ lookup }).fetch(`http://public.test:${server.port}/f`),
      'network',
      /sent us to/,
    );
    assert.match(error.hint ?? '', /MKIMAGE_TRUSTED_HOSTS/);
  }
});

test('a redirect goes anywhere on the same host, and to hosts that are trusted', async () => {
  await using target = await serve((_request, response) => response.end('here'));
  for (const host of ['public.test', 'trusted.test']) {
    const location = `http://${host}:${target.port}/`;
    await using server = await serve((_request, response) => response.writeHead(302, { location }).end());
    const { fetch } = fetcher({ lookup, trustedHosts: ['trusted.test'] });
    assert.is((await fetch(`http://public.test:${server.port}/f`)).tree.stat('f')?.size, 4);
  }
});

withNeeds(test, { programs: ['openssl'] })('a redirect does not leave https', async () => {
  const tls = throwawayCertificate(['public.test']);
  await using target = await serve((_request, response) => response.end('here'));
  const location = `http://public.test:${target.port}/`;
  await using server = await serve((_request, response) => response.writeHead(302, { location }).end(), { tls });
  const url = `https://public.test:${server.port}/f`;
  const access = { lookup, authorities: [tls.cert] };
  await rejects(fetcher(access).fetch(url), 'network', /sent us to plain http/);
  assert.is((await fetcher({ ...access, trustedHosts: ['public.test'] }).fetch(url)).tree.stat('f')?.size, 4);
});

test.run();
