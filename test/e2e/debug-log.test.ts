import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/index.ts';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { putImage } from '../support/images.ts';
import { type CommandOptions, mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { type ScriptedServer, serve } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp.ts';

/** What a debug log tells, and what it must never tell. */
const test = suite('debug log of builds');
const root = tempDir('debug-log');
const folder = join(root, 'context');
mkdirSync(folder);
writeFileSync(join(folder, 'file'), 'content');
writeFileSync(join(folder, '.dockerignore'), 'root\n');

/** Each stands where somebody keeps a secret. */
const SECRET = {
  token: 'token-f00d-f00d',
  signature: 'signature-1234-5678',
  password: 'password-of-a-url',
  query: 'query-of-a-url',
  argument: 'value-of-a-build-argument',
  variable: 'value-of-a-secret-in-a-variable',
  file: 'value-of-a-secret-in-a-file',
  proxy: 'password-of-a-proxy',
  basic: Buffer.from('user:password-of-a-url').toString('base64'),
};
writeFileSync(join(root, 'secret'), SECRET.file);

const { blobs, manifest } = image();

/** An image with one layer, an empty archive, and what its registry holds. */
function image() {
  const blobs = new Map<string, Buffer>();
  const putSmall = (mediaType: string, content: Uint8Array | string) => {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  return { blobs, manifest: putImage({ putSmall }, { label: 'base', layers: [Buffer.alloc(1024)] }) };
}

/** A registry with a token server that sends its readers of blobs elsewhere by signed URLs; and a file for who has a password. */
function script(storage: ScriptedServer) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', `http://${request.headers.host}`);
    const { authorization } = request.headers;
    const [, kind, name = ''] = /^\/v2\/base\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
    if (url.pathname === '/token') return void response.end(JSON.stringify({ token: SECRET.token }));
    if (url.pathname === '/file' && authorization === `Basic ${SECRET.basic}`) return void response.end('fetched');
    if (kind !== undefined && authorization !== `Bearer ${SECRET.token}`) {
      const challenge = `Bearer realm="http://${url.host}/token",service="test"`;
      return void response.writeHead(401, { 'www-authenticate': challenge }).end();
    }
    if (kind === 'manifests') {
      return void response.setHeader('content-type', manifest.mediaType).end(blobs.get(manifest.digest));
    }
    const location = `http://127.0.0.1:${storage.port}/${name}?X-Signature=${SECRET.signature}`;
    if (kind === 'blobs') return void response.writeHead(307, { location }).end();
    response.writeHead(url.pathname === '/v2/' ? 200 : 404).end();
  };
}

const flags = [
  '--log-level',
  'debug',
  '--progress',
  'plain',
  '--build-arg',
  `PASSWORD=${SECRET.argument}`,
  '-t',
  'app',
];
const secrets = ['--secret', 'id=variable,env=TOKEN', '--secret', `id=file,src=${join(root, 'secret')}`];

async function loggedBuild(lines: readonly string[], options: CommandOptions = {}) {
  await using storage = await serve((request, response) =>
    response.end(blobs.get(new URL(request.url ?? '', 'http://a').pathname.slice(1))),
  );
  await using registry = await serve(script(storage));
  const host = `127.0.0.1:${registry.port}`;
  const place = mkdtempSync(join(root, 'build-'));
  const log = join(place, 'debug.log');
  const mkimage = mkimageIn(join(place, 'store'), { cwd: root, ...options });
  const env = { TOKEN: SECRET.variable, MKIMAGE_LOG_FILE: log, HTTPS_PROXY: `http://user:${SECRET.proxy}@127.0.0.1:9` };
  const buildFile = lines.join('\n').replaceAll('HOST', host);
  const result = await mkimage(['build', ...flags, ...secrets, '-f', '-', folder], { env, input: buildFile });
  return { ...result, host, log: readFileSync(log, 'utf8'), storage: `127.0.0.1:${storage.port}` };
}

function assertNoSecret(log: string): void {
  for (const [name, secret] of Object.entries(SECRET)) assert.not.ok(log.includes(secret), `${name}:\n${log}`);
  assert.not.match(log, /X-Signature|Basic [A-Za-z0-9]|Bearer [A-Za-z0-9]/);
}

const fetching = [
  'FROM HOST/base AS unused',
  'FROM HOST/base',
  'ARG PASSWORD',
  `ADD http://user:${SECRET.password}@HOST/file?key=${SECRET.query} /fetched`,
  'COPY file /copied-$PASSWORD',
];

test('tells what was fetched, resolved, looked up and written, and no secret', async () => {
  const { code, stderr, log, host, storage } = await loggedBuild(fetching);
  assert.is(code, 0, stderr);
  assert.not.match(stderr, / debug /);
  assertNoSecret(log);
  for (const expected of [
    /^\S+ debug engine command started command=build version=\S+ node=v\S+ arch=\S+ kernel=\S+$/m,
    /debug engine configuration root=\S+ platform=linux\/\S+ isolation=auto/,
    `debug plan base requested base=${host}/base:latest platform=linux/`,
    `debug registry authentication requested registry=${host} scheme=bearer realm=${host} scope=repository:base:pull`,
    `debug registry token requested realm=${host} as=anonymous`,
    new RegExp(
      `debug http GET url=http://${host}/v2/base/manifests/latest authorization=none proxy=none status=401 ms=\\d+`,
    ),
    new RegExp(
      `debug http GET url=http://${host}/v2/base/manifests/latest authorization=sent proxy=none status=200 ms=\\d+`,
    ),
    new RegExp(`debug http GET url=http://${host}/token\\?… `),
    new RegExp(`debug http redirected status=307 to="?http://${storage}/sha256:\\w+\\?…`),
    new RegExp(`debug http GET url=http://${host}/file\\?… authorization=sent proxy=none status=200`),
    /debug http body ended url=\S+ bytes=1024 ms=\d+/,
    `debug plan base resolved base=${host}/base:latest`,
    /debug plan planned platform=\S+ stages=1 skipped=1 steps=2/,
    /debug context directory directory=\S+ ignoreFile=\.dockerignore/,
    /debug context directory read directory=\S+ listed=\d+ remembered=0 hashed=1/,
    /debug cache miss step="\[3\/3\] COPY file \/copied-\*\*\*" key=sha256:\w+ because="first build of this step" parts=/,
    /debug store lease taken waited=0/,
    /debug store blob (verified and )?written digest=sha256:\w+ bytes=\d+/,
    /debug store size of the build cache bytes=\d+ limit=\d+/,
    /debug step done step=".*" layer=sha256:\w+ ms=\d+/,
    /debug engine command ended code=0 ms=\d+\n$/,
  ]) {
    assert.match(log, expected);
  }
});

test('tells why a build fails, and no secret', async () => {
  const missing = `ADD http://user:${SECRET.password}@HOST/missing?key=${SECRET.query} /fetched-$PASSWORD`;
  const { code, log, host } = await loggedBuild(['FROM scratch', 'ARG PASSWORD', missing]);
  assert.is(code, 4);
  assertNoSecret(log);
  assert.match(log, new RegExp(`debug http \\w+ url=http://${host}/missing\\?… .*status=404`));
  assert.match(log, /debug engine command failed error=not-found why=".*404/);
});

withNeeds(test, { root: true, programs: ['busybox'] })(
  'tells how steps were isolated and ended, and no secret',
  async () => {
    makeBusyboxRoot(join(folder, 'root'));
    writeFileSync(join(folder, '.dockerignore'), '');
    const mounts = '--mount=type=secret,id=variable,env=TOKEN --mount=type=secret,id=file';
    const show = 'echo "$TOKEN $PASSWORD"; cat /run/secrets/file';
    const { code, stderr, log } = await loggedBuild([
      'FROM scratch',
      'ARG PASSWORD',
      'COPY root /',
      `RUN ${mounts} ${show}`,
      `RUN echo ${'$'}{PASSWORD} && false`,
    ]);
    assert.is(code, 4, stderr);
    assertNoSecret(log);
    assert.match(log, /debug sandbox isolation (chosen|refused) isolation=crun wanted=auto because=/);
    assert.match(log, /debug sandbox device filter filter=/);
    assert.match(log, /debug sandbox snapshotter chosen snapshotter=(overlay|native) because=/);
    assert.match(log, /debug sandbox process ended step=0\/3 isolation=\S+ root=\S+ network=host .*code=0 ms=\d+/);
    assert.match(log, /debug sandbox process ended step=0\/4 .*code=1 ms=\d+/);
  },
);

test('leaves no trace where it is not asked for', async () => {
  const mkimage = mkimageIn(join(root, 'store'), { cwd: root, env: { MKIMAGE_LOG_FILE: join(root, 'none.log') } });
  const { code, stderr } = await mkimage(['build', '--progress', 'plain', '-f', '-', folder], {
    input: 'FROM scratch\nCOPY file /\n',
  });
  assert.is(code, 0, stderr);
  assert.not.match(stderr, /debug/);
  assert.throws(() => readFileSync(join(root, 'none.log')), /ENOENT/);
});

test.run();
