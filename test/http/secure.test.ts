/** Whom the client trusts, as whom it shows itself, through whom it goes, and where it may be sent. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HttpClient, type HttpClientOptions, type HttpRules, NO_RETRIES } from '../../src/http/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { withNeeds } from '../support/needs.ts';
import { rejects } from '../support/rejects.ts';
import { type Script, serve } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';
import { startProxy } from '../support/web-proxy.ts';

const test = suite('http client: trust, proxies and places');
const withOpenssl = withNeeds(test, { programs: ['openssl'] });
const call = createQuietCall();
const fetching: HttpRules = {
  ...{ code: 'network', reach: 'internet', plainHttp: 'anywhere' },
  describe: (url) => `ask \`${url.host}\``,
};
const registry: HttpRules = { ...fetching, code: 'registry', reach: 'as-sender', plainHttp: 'this-machine' };
const good: Script = (_request, response) => response.end('good');

/** Every name is this machine, but for two that lie where no server should send us. */
const lookup: LookupFunction = (name, options, done) => {
  const address = { 'metadata.test': '169.254.169.254', 'corp.test': '10.0.0.1' }[name] ?? '127.0.0.1';
  return options.all === true ? done(null, [{ address, family: 4 }]) : done(null, address, 4);
};

function clientWith(options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({ lookup, retries: NO_RETRIES, patience: 2000, ...options });
}

async function ask(http: HttpClient, url: string, headers = {}, rules = fetching): Promise<string> {
  const answer = await http.read({ url: new URL(url), headers, rules, mostBytes: 1000 }, call);
  return answer.bytes.toString();
}

// Trust.

withOpenssl('an authority that is given is trusted besides the others, not in their place', async () => {
  const [own, extra, unknown] = [0, 1, 2].map(() => throwawayCertificate(['localhost']));
  await using first = await serve(good, { tls: own! });
  await using second = await serve(good, { tls: extra! });
  await using third = await serve(good, { tls: unknown! });
  const [ownFile, extraFile] = ['own.pem', 'extra.pem'].map((name) => join(tempDir('trust'), name));
  writeFileSync(ownFile!, own!.cert);
  writeFileSync(extraFile!, extra!.cert);
  const urls = [first, second, third].map(({ port }) => `https://localhost:${port}/`);
  const child = join(import.meta.dirname, '../support/trust-child.ts');
  // What the system trusts, as far as a test can decide that.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--use-openssl-ca', '--import', 'tsx', child, ownFile!, ...urls],
    { env: { ...process.env, SSL_CERT_FILE: extraFile! } },
  );
  assert.equal(stdout.split('\n').slice(0, 3), ['good', 'good', 'self-signed certificate']);
});

withOpenssl('a certificate that nobody vouches for is an error that says what to do, and no request', async () => {
  const tls = throwawayCertificate(['a.test']);
  await using server = await serve(good, { tls });
  await using http = clientWith();
  const error = await rejects(ask(http, `https://a.test:${server.port}/`), 'network', /self-signed/);
  assert.match(error.hint ?? '', /--ca FILE/);
  assert.is(server.seen.length, 0);
});

withOpenssl('what one host needs is for that host alone: its authority, and who we are', async () => {
  const tls = throwawayCertificate(['a.test', 'b.test']);
  const mine = throwawayCertificate(['client']);
  const shown: string[] = [];
  const script: Script = (request, response) => {
    if (request.socket instanceof TLSSocket)
      shown.push(`${request.socket.getPeerCertificate().subject?.CN ?? 'nobody'}`);
    response.end('good');
  };
  await using server = await serve(script, { tls: { ...tls, requestCert: true, rejectUnauthorized: false } });
  const asked: string[] = [];
  const tlsFor = async (host: string) => {
    asked.push(host);
    const identity = { certificate: mine.cert, key: mine.key };
    return host === `a.test:${server.port}` ? { authorities: [tls.cert], identity } : undefined;
  };
  await using http = clientWith({ tlsFor });
  const get = (client: HttpClient, name: string) => ask(client, `https://${name}:${server.port}/`, {}, registry);
  await get(http, 'a.test');
  await get(http, 'a.test');
  await rejects(get(http, 'b.test'), 'network', /self-signed/);
  assert.equal(
    [shown, asked],
    [
      ['test', 'test'],
      [`a.test:${server.port}`, `b.test:${server.port}`],
    ],
  );
  await using other = clientWith({ tlsFor, authorities: [tls.cert] });
  await get(other, 'b.test');
  assert.is(shown.at(-1), 'nobody');
  await ask(other, `https://a.test:${server.port}/`);
  assert.is(shown.at(-1), 'nobody', 'what is no registry gets no certificate');
});

// Proxies.

const PROXY_AUTHORIZATION = `Basic ${btoa('me:pw')}`;
const SECRET = 'Basic c2VjcmV0';

withOpenssl('a tunnel is opened with the credentials of the proxy, and carries those of the server', async () => {
  const tls = throwawayCertificate(['a.test']);
  await using server = await serve(good, { tls });
  await using proxy = await startProxy();
  await using http = clientWith({
    proxies: { https: `http://me:pw@127.0.0.1:${proxy.port}` },
    authorities: [tls.cert],
  });
  assert.is(await ask(http, `https://a.test:${server.port}/x`, { authorization: SECRET }), 'good');
  assert.equal(
    proxy.seen.map(({ method, path, headers }) => [
      method,
      path,
      headers['proxy-authorization'],
      headers.authorization,
    ]),
    [['CONNECT', `a.test:${server.port}`, PROXY_AUTHORIZATION, undefined]],
  );
  assert.equal(
    server.seen.map(({ headers }) => [headers.authorization, headers['proxy-authorization']]),
    [[SECRET, undefined]],
  );
});

test('plain HTTP is asked of the proxy itself, and who is reached without it learns nothing of it', async () => {
  await using direct = await serve(good);
  await using server = await serve((_request, response) =>
    response.writeHead(302, { location: `http://direct.test:${direct.port}/` }).end(),
  );
  await using proxy = await startProxy();
  const proxies = { http: `http://me:pw@127.0.0.1:${proxy.port}`, none: 'direct.test' };
  await using http = clientWith({ proxies, trustedHosts: ['direct.test'] });
  assert.is(await ask(http, `http://a.test:${server.port}/x`), 'good');
  assert.equal(
    proxy.seen.map(({ method, path, headers }) => [method, path, headers['proxy-authorization']]),
    [['GET', `http://a.test:${server.port}/x`, PROXY_AUTHORIZATION]],
  );
  assert.is(direct.seen[0]?.headers['proxy-authorization'], undefined);
});

test('a proxy that refuses or is not there is named, without its password', async () => {
  await using proxy = await startProxy({ refuse: 403 });
  for (const [port, url] of [
    [proxy.port, 'https://a.test/'],
    [1, 'http://a.test/'],
    [1, 'https://a.test/'],
  ] as const) {
    const address = `http://me:secret@127.0.0.1:${port}`;
    await using http = clientWith({ proxies: { http: address, https: address } });
    const error = await rejects(ask(http, url), 'network', new RegExp(`through the proxy .http://127.0.0.1:${port}.`));
    assert.not.match(error.message, /secret/);
    assert.match(error.hint ?? '', /NO_PROXY/);
  }
});

// Where a server may send us.

const PLACES: readonly (readonly [
  from: string,
  to: string,
  rules: HttpRules,
  trusted: string,
  refused: RegExp | undefined,
])[] = [
  ['http://a.test', 'http://metadata.test/', fetching, '', /own network/],
  ['http://a.test', 'http://corp.test/', fetching, '', /private network/],
  ['http://a.test', 'http://169.254.169.254/', fetching, '', /own network/],
  ['http://a.test', 'http://b.test', fetching, '', /own network/],
  ['http://a.test', 'http://b.test', fetching, 'b.test', undefined],
  ['http://a.test', 'http://a.test', fetching, '', undefined],
  ['http://127.0.0.1', 'http://127.0.0.2', fetching, '', /own network/],
  ['http://127.0.0.1', 'http://127.0.0.2', registry, '', undefined],
  ['http://127.0.0.1', 'http://b.test', registry, 'b.test', /plain HTTP/],
  ['http://127.0.0.1', 'https://corp.test/', registry, 'other.test', undefined],
];

for (const [from, to, rules, trusted, refused] of PLACES) {
  const outcome = refused === undefined ? 'may' : 'may not';
  test(`${from} ${outcome} lead to ${to} (${rules.code}${trusted === '' ? '' : `, ${trusted} trusted`})`, async () => {
    await using target = await serve(good, { address: to.includes('127.0.0.2') ? '127.0.0.2' : '127.0.0.1' });
    const location = to.endsWith('/') ? to : `${to}:${target.port}/`;
    await using server = await serve((_request, response) => response.writeHead(307, { location }).end());
    await using http = clientWith({ trustedHosts: [trusted] });
    const work = ask(http, `${from}:${server.port}/`, {}, rules);
    if (refused !== undefined) {
      await rejects(work, rules.code, refused);
      assert.is(target.seen.length, 0);
    } else if (to.includes('corp')) await rejects(work, 'network', /ask `corp.test`/);
    else assert.is(await work, 'good');
  });
}

test('a URL that a server has named is judged as one that it redirects to', async () => {
  await using target = await serve(good);
  await using http = clientWith();
  const asked = { rules: registry, mostBytes: 100 };
  const url = new URL(`http://127.0.0.1:${target.port}/`);
  await rejects(http.read({ ...asked, url, namedBy: new URL('https://a.test/') }, call), 'registry', /own network/);
  assert.is((await http.read({ ...asked, url, namedBy: new URL('http://127.0.0.1:5/') }, call)).status, 200);
});

test.run();
