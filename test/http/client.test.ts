/** The client against servers that do what the table says. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createBody,
  HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  type HttpRules,
  type Method,
  type RequestBody,
} from '../../src/http/index.ts';
import { createQuietCall, type ProgressEvent } from '../../src/progress.ts';
import { rejects } from '../support/rejects.ts';
import { type Script, serve } from '../support/scripted-server.ts';

const test = suite('http client');
const call = createQuietCall();
const retries = { retries: 2, firstDelay: 1, longestDelay: 1500 };
const rules: HttpRules = {
  ...{ code: 'network', reach: 'as-sender', plainHttp: 'anywhere' },
  describe: (url) => `ask \`${url.host}\``,
};

function clientWith(options: HttpClientOptions = {}): HttpClient {
  return new HttpClient({ retries, patience: 2000, ...options });
}

type Asked = Partial<Omit<HttpRequest, 'url' | 'rules'>>;

/** Asks one server that follows the script; gives the answer and what the server has seen. */
async function ask(script: Script, asked: Asked = {}, options: HttpClientOptions = {}) {
  await using server = await serve(script);
  await using client = clientWith(options);
  const url = new URL(`http://127.0.0.1:${server.port}/start`);
  const answer = await client.read({ url, rules, mostBytes: 1 << 20, ...asked }, call);
  return { status: answer.status, body: answer.bytes.toString(), url: answer.url, seen: server.seen };
}

// Redirects (RFC 9110, 15.4).

const REDIRECTED: readonly (readonly [status: number, method: Method, then: Method, withBody: boolean])[] = [
  [301, 'GET', 'GET', false],
  [301, 'HEAD', 'HEAD', false],
  [301, 'POST', 'GET', false],
  [302, 'POST', 'GET', false],
  [302, 'PUT', 'PUT', true],
  [303, 'PUT', 'GET', false],
  [303, 'POST', 'GET', false],
  [303, 'HEAD', 'HEAD', false],
  [307, 'POST', 'POST', true],
  [307, 'PUT', 'PUT', true],
  [308, 'PATCH', 'PATCH', true],
  [308, 'DELETE', 'DELETE', false],
];
const sendsBody = (method: Method) => ['POST', 'PUT', 'PATCH'].includes(method);

for (const [status, method, then, withBody] of REDIRECTED) {
  test(`${method} redirected by ${status} becomes ${then}${withBody ? ' with its body' : ''}`, async () => {
    const bodies: string[] = [];
    const script: Script = async (request, response) => {
      bodies.push(await text(request));
      if (request.url === '/start') response.writeHead(status, { location: '/next' });
      response.end();
    };
    const body = sendsBody(method) ? { body: createBody(Buffer.from('bytes')) } : {};
    const headers = { 'content-type': 'text/plain', 'x-own': '1' };
    const { seen, url } = await ask(script, { method, headers, ...body });
    assert.is(seen[1]?.method, then);
    assert.is(bodies[1], withBody ? 'bytes' : '');
    assert.is(seen[1]?.headers['content-type'], then === method ? 'text/plain' : undefined);
    assert.is(seen[1]?.headers['x-own'], '1');
    assert.is(url.pathname, '/next');
  });
}

test('statuses that only look like a redirect are answers', async () => {
  for (const status of [300, 304, 305, 306])
    assert.is(
      (await ask((_request, response) => response.writeHead(status, { location: '/next' }).end())).status,
      status,
    );
  assert.is((await ask((_request, response) => response.writeHead(302).end())).status, 302);
});

test('a body that can be read once is not sent after a redirect', async () => {
  const body: RequestBody = { length: 5, replayable: false, open: () => Readable.from([Buffer.from('bytes')]) };
  const script: Script = (request, response) => {
    request.resume().once('end', () => response.writeHead(307, { location: '/next' }).end());
  };
  await rejects(ask(script, { method: 'PUT', body }), 'network', /cannot be sent a second time/);
});

// Credentials.

const SECRETS = { authorization: 'Basic c2VjcmV0', cookie: 'a=b' };

test('credentials stay with scheme, host and port, and do not come back', async () => {
  await using other = await serve((_request, response) => response.writeHead(307, { location: home }).end());
  let home = '';
  await using server = await serve((request, response) => {
    if (request.url === '/home') return void response.end('done');
    const location = request.url === '/start' ? '/second' : `http://127.0.0.1:${other.port}/`;
    response.writeHead(307, { location }).end();
  });
  home = `http://127.0.0.1:${server.port}/home`;
  await using client = clientWith();
  const url = new URL(`http://127.0.0.1:${server.port}/start`);
  const answer = await client.read({ url, rules, headers: { ...SECRETS, 'x-own': '1' }, mostBytes: 100 }, call);
  const given = [...server.seen.slice(0, 2), ...other.seen, ...server.seen.slice(2)].map(({ path, headers }) => [
    path,
    headers.authorization,
    headers.cookie,
    headers['x-own'],
  ]);
  assert.equal(given, [
    ['/start', SECRETS.authorization, SECRETS.cookie, '1'],
    ['/second', SECRETS.authorization, SECRETS.cookie, '1'],
    ['/', undefined, undefined, '1'],
    ['/home', undefined, undefined, '1'],
  ]);
  assert.ok(answer.leftOrigin);
});

test('a location with a user name is refused, and one without is not given what the URL had', async () => {
  const script: Script = (_request, response) => response.writeHead(302, { location: 'http://me:pw@127.0.0.1/' }).end();
  const error = await rejects(ask(script), 'network', /carries a user name/);
  assert.not.match(error.message, /pw/);
});

// What is tried again.

/** Answers so the first time, and well after that. */
const firstly =
  (fail: Script): Script =>
  (request, response, nth) => {
    if (nth === 1) return fail(request, response, nth);
    request.resume().once('end', () => response.end('good'));
  };
const withStatus = (status: number): Script => firstly((request, response) => {
  request.resume().once('end', () => response.writeHead(status).end());
}); // biome-ignore format: one table
const reset = firstly((request) => request.socket.resetAndDestroy());
const cutOff = firstly((_request, response) => {
  response.writeHead(200, { 'content-length': 100 }).write('some', () => response.destroy());
});
const putOnce: RequestBody = { length: 5, replayable: false, open: () => Readable.from([Buffer.from('bytes')]) };
const putAgain = createBody(Buffer.from('bytes'));

const REPEATED: readonly (readonly [what: string, script: Script, asked: Asked, times: number])[] = [
  ...[408, 429, 500, 502, 503, 504].map((status) => [`GET after ${status}`, withStatus(status), {}, 2] as const),
  ...[400, 401, 403, 404, 413, 501].map((status) => [`GET after ${status}`, withStatus(status), {}, 1] as const),
  ['GET after a reset', reset, {}, 2],
  ['GET whose body breaks off', cutOff, {}, 2],
  ['DELETE after a reset', reset, { method: 'DELETE' }, 2],
  ['PUT of bytes after a reset', reset, { method: 'PUT', body: putAgain }, 2],
  ['PUT of a stream after 503', withStatus(503), { method: 'PUT', body: putOnce }, 1],
  ['POST after 503', withStatus(503), { method: 'POST', body: putAgain }, 1],
  ['POST after a reset', reset, { method: 'POST', body: putAgain }, 1],
  ['PATCH after 429', withStatus(429), { method: 'PATCH', body: putAgain }, 1],
  ['POST that may be repeated after 503', withStatus(503), { method: 'POST', repeatable: true }, 2],
];

for (const [what, script, asked, times] of REPEATED) {
  test(`${what} is sent ${times === 1 ? 'once' : 'twice'}`, async () => {
    let count = 0;
    const counting: Script = (request, response, nth) => {
      count = nth;
      script(request, response, nth);
    };
    const outcome = await ask(counting, asked).catch((error: unknown) => error);
    assert.is(count, times);
    if (times === 2) assert.equal((outcome as { body: string }).body, 'good');
  });
}

test('the body of a request is opened again for each attempt, and always closed', async () => {
  const opened: Readable[] = [];
  const bodies: string[] = [];
  const body: RequestBody = {
    ...{ length: 300_000, replayable: true },
    open: () => {
      opened.push(Readable.from([Buffer.alloc(150_000, 'a'), Buffer.alloc(150_000, 'b')], { objectMode: false }));
      return opened.at(-1)!;
    },
  };
  const script: Script = async (request, response, nth) => {
    if (nth === 2) return void request.once('data', () => request.socket.resetAndDestroy());
    bodies.push(await text(request));
    response.writeHead(nth === 1 ? 503 : 201).end();
  };
  const { status, seen } = await ask(script, { method: 'PUT', body });
  assert.is(status, 201);
  assert.equal(
    bodies.map((each) => each.length),
    [300_000, 300_000],
  );
  assert.is(seen[2]?.headers['content-length'], '300000');
  assert.equal(
    opened.map(({ destroyed }) => destroyed),
    [true, true, true],
  );
});

test('bytes of unknown length are sent in chunks', async () => {
  let told = '';
  const script: Script = async (request, response) => {
    told = await text(request);
    response.end();
  };
  const body: RequestBody = { length: undefined, replayable: false, open: () => Readable.from(['ab', 'cd']) };
  const { seen } = await ask(script, { method: 'POST', body });
  assert.equal([told, seen[0]?.headers['transfer-encoding']], ['abcd', 'chunked']);
});

test('what a body fails with is the error, and is not tried again', async () => {
  let opened = 0;
  const broken = async function* () {
    yield Buffer.from('ab');
    throw new Error('the disk is gone');
  };
  const open = () => {
    opened += 1;
    return Readable.from(broken());
  };
  const script: Script = (request) => void request.on('error', () => {}).resume();
  const work = ask(script, { method: 'PUT', body: { length: 5, replayable: true, open } });
  const error = await work.catch((reason: Error) => reason);
  assert.equal([(error as Error).message, opened], ['the disk is gone', 1]);
});

test('too few or too many bytes of a body are an error', async () => {
  for (const bytes of ['abc', 'abcdefg']) {
    const body: RequestBody = { length: 5, replayable: false, open: () => Readable.from([Buffer.from(bytes)]) };
    const script: Script = (request, response) => void request.on('error', () => {}).resume().once('end', () => response.end()); // biome-ignore format: one line
    await rejects(ask(script, { method: 'PUT', body }), 'network');
  }
});

test('a server that answers before it has read all is heard', async () => {
  const script: Script = (_request, response) => response.writeHead(413).end('too much');
  const pouring = async function* () {
    for (;;) {
      yield Buffer.alloc(65536);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const body: RequestBody = { length: undefined, replayable: false, open: () => Readable.from(pouring()) };
  const { status, body: said } = await ask(script, { method: 'PUT', body });
  assert.equal([status, said], [413, 'too much']);
});

// Retry-After.

const date = (seconds: number) => new Date(Date.UTC(2030, 0, 1) + seconds * 1000).toUTCString();

for (const [what, headers, least] of [
  ['seconds', { 'retry-after': '1' }, 900],
  ["a date, by the server's clock", { 'retry-after': date(1), date: date(0) }, 900],
  ['a date that has passed', { 'retry-after': date(0), date: date(5) }, 0],
  ['nonsense', { 'retry-after': 'soon' }, 0],
] as const) {
  test(`Retry-After with ${what} is obeyed`, async () => {
    const begun = performance.now();
    const { body } = await ask(firstly((_request, response) => response.writeHead(503, headers).end()));
    assert.is(body, 'good');
    const waited = performance.now() - begun;
    assert.ok(waited >= least && waited < least + 900, `waited ${waited}`);
  });
}

test('a server that asks for more patience than there is gets none, and its answer is the answer', async () => {
  const { status, seen } = await ask((_request, response) => response.writeHead(429, { 'retry-after': '2' }).end('no'));
  assert.equal([status, seen.length], [429, 1]);
});

test('a long wait is reported', async () => {
  const told: ProgressEvent[] = [];
  await using server = await serve(firstly((_request, response) => response.writeHead(503, { 'retry-after': '2' }).end())); // biome-ignore format: one line
  await using client = clientWith({ retries: { ...retries, longestDelay: 5000 } });
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  await client.read({ url, rules, mostBytes: 9 }, { ...call, report: (event) => told.push(event) });
  assert.equal(told, [{ type: 'note', message: `waiting 2 s: \`127.0.0.1:${server.port}\` answered 503` }]);
});

// Slow and silent servers; cancelling.

test('a server that says nothing, or stops in the middle, is given up', async () => {
  const silent = await rejects(
    ask(() => {}, {}, { patience: 1100, retries: { ...retries, retries: 0 } }),
    'network',
  );
  assert.match(silent.message, /timeout/i);
  assert.is(silent.evidence?.temporary, true);
  const halting: Script = (_request, response) => void response.writeHead(200, { 'content-length': 9 }).write('some');
  await rejects(ask(halting, {}, { patience: 1100, retries: { ...retries, retries: 0 } }), 'network', /timeout/i);
});

test('cancelling ends what waits for an answer, for bytes, for the next try, and for an upload', async () => {
  const scripts: readonly (readonly [Script, Asked])[] = [
    [() => {}, {}],
    [(_request, response) => void response.writeHead(200).write('some'), {}],
    [(_request, response) => void response.writeHead(503, { 'retry-after': '1' }).end(), {}],
    [
      () => {},
      { method: 'PUT', body: { length: undefined, replayable: true, open: () => new Readable({ read() {} }) } },
    ],
  ];
  for (const [script, asked] of scripts) {
    await using server = await serve(script);
    await using client = clientWith();
    const stop = new AbortController();
    const url = new URL(`http://127.0.0.1:${server.port}/`);
    const request = { url, rules, mostBytes: 100, ...asked };
    const begun = performance.now();
    setTimeout(() => stop.abort(), 50);
    await rejects(client.read(request, { signal: stop.signal, report: () => {} }), 'cancelled');
    assert.ok(performance.now() - begun < 700);
  }
});

test('a cancelled call sends no request', async () => {
  await using server = await serve((_request, response) => response.end());
  await using client = clientWith();
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  await rejects(client.send({ url, rules }, { signal: AbortSignal.abort(), report: () => {} }), 'cancelled');
  assert.is(server.seen.length, 0);
});

// Who owns what streams.

const crashes: unknown[] = [];
const note = (error: unknown) => void crashes.push(error);
test.before(() => void process.on('uncaughtException', note));
test.after(() => void process.removeListener('uncaughtException', note));

test('a body that breaks off before it is read gives its error to the later reader', async () => {
  const script: Script = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('some', () => setTimeout(() => response.destroy(), 20));
  };
  await using server = await serve(script);
  await using client = clientWith();
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  const read = await client.send({ url, rules }, call);
  await client.send({ url, rules }, call);
  const discarded = await client.send({ url, rules }, call);
  discarded.discard();
  await new Promise((resolve) => setTimeout(resolve, 150));
  await rejects(buffer(read.body), 'network');
  assert.equal(crashes, []);
});

test('an answer that is let go of in the middle lets go of its connection', async () => {
  let closed = false;
  const script: Script = (request, response) => {
    request.socket.once('close', () => {
      closed = true;
    });
    response.writeHead(200).write(Buffer.alloc(100_000));
  };
  await using server = await serve(script);
  await using client = clientWith({ patience: 60_000 });
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  const { body } = await client.send({ url, rules }, call);
  for await (const _chunk of body) break;
  for (let tries = 0; !closed && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(closed);
  assert.equal(crashes, []);
});

test('a short rest is read off, so that the connection serves the next request', async () => {
  const ports = new Set<number | undefined>();
  const script: Script = (request: IncomingMessage, response) => {
    ports.add(request.socket.remotePort);
    response.end('short');
  };
  await using server = await serve(script);
  await using client = clientWith();
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  for (let count = 0; count < 3; count++) {
    (await client.send({ url, rules }, call)).discard();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assert.is(ports.size, 1);
});

test('headers and bodies have bounds', async () => {
  const heads: Script = (_request, response) => response.writeHead(200, { x: 'y'.repeat(15_000), z: 'y'.repeat(5000) }).end(); // biome-ignore format: one line
  await rejects(ask(heads), 'network', /header/i);
  const long: Script = (_request, response) => response.end(Buffer.alloc(1000));
  await rejects(ask(long, { mostBytes: 999 }), 'limit', /larger than 999 bytes/);
  await using server = await serve(long);
  await using client = clientWith();
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  const { body } = await client.send({ url, rules, mostBytes: 999, what: 'fetch it' }, call);
  await rejects(buffer(body), 'limit', /^fetch it: it has more than 999 bytes/);
});

test('an error says what happened in facts', async () => {
  await using client = clientWith();
  const error = await rejects(client.send({ url: new URL('http://127.0.0.1:1/'), rules }, call), 'network');
  assert.equal(error.evidence, { systemCode: 'ECONNREFUSED', temporary: false });
});

test.run();
