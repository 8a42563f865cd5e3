import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

/** `--ca`: what is fetched and what steps see, with an authority that nobody else knows. */
const test = suite('certificate authorities');
const withOpenssl = withNeeds(test, { programs: ['openssl', 'git'] });
const asRoot = withNeeds(test, { root: true, programs: ['openssl', 'busybox'] });
const withJava = withNeeds(test, { root: true, programs: ['openssl', 'busybox', 'keytool'] });
const root = tempDir('authorities');
const OPENSSL = programPath('openssl') ?? 'openssl';
const mkimage = mkimageIn(join(root, 'store'), { cwd: root });
const app = join(root, 'app');
mkdirSync(app);

/** Makes `ca.pem` and a server's certificate for localhost in the folder, once. */
function makeAuthority(): void {
  const openssl = (...args: string[]) => execFileSync(OPENSSL, args, { cwd: root, stdio: 'pipe' });
  const subject = ['-nodes', '-newkey', 'rsa:2048', '-days', '2'];
  openssl('req', '-x509', ...subject, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Nobody knows me');
  openssl('req', '-x509', ...subject, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-keyout', 'key.pem', '-out', 'cert.pem',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE'); // biome-ignore format: one command
}

async function withServer(work: (url: string) => Promise<void>): Promise<void> {
  makeAuthority();
  const options = { key: readFileSync(join(root, 'key.pem')), cert: readFileSync(join(root, 'cert.pem')) };
  const server = createServer(options, (_, response) => response.end('fetched'));
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  try {
    await work(`https://localhost:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

withOpenssl('serve ADD, registries and git; without them the message says how', async () => {
  await withServer(async (url) => {
    const host = url.replace('https://', '');
    const runs: readonly (readonly [args: string[], input: string, untrusted: RegExp, trusted: RegExp])[] = [
      [['build', '-f', '-', app], `FROM scratch\nADD ${url}/file /\n`, /hint: .*`--ca FILE`/, /^sha256:/],
      [['build', '-f', '-', app], `FROM ${host}/base\n`, /hint: .*`--ca FILE`/, /read|registry|manifest/],
      [['pull', `${host}/base`], '', /hint: .*`--ca FILE`/, /read|registry|manifest/],
      [['build', `${url}/x.git`], '', /hint: .*`--ca FILE`/, /it has no default branch/],
    ];
    for (const [args, input, untrusted, trusted] of runs) {
      const before = await mkimage(args, { input });
      assert.not.equal(before.code, 0);
      assert.match(before.stderr, untrusted);
      const [verb = '', ...rest] = args;
      const after = await mkimage([verb, '--ca', 'ca.pem', ...rest], { input });
      assert.match(after.stdout + after.stderr, trusted);
      assert.not.match(after.stderr, /--ca FILE|certificate/);
    }
  });
});

withOpenssl('are refused at once if they are none', async () => {
  makeAuthority();
  writeFileSync(join(root, 'empty.pem'), '');
  writeFileSync(join(root, 'text.pem'), '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n');
  const input = 'FROM scratch\n';
  for (const [file, why] of [
    ['nowhere.pem', /no such file/],
    ['app', /it is a directory/],
    ['/dev/zero', /it is a device/],
    ['empty.pem', /no certificate found\nhint: give a file of certificates in PEM/],
    ['text.pem', /no certificate found/],
    ['', /read `--ca `/],
  ] as const) {
    for (const check of [[], ['--check']]) {
      const { code, stdout, stderr } = await mkimage(['build', '--ca', file, ...check, '-f', '-', app], { input });
      assert.equal([code, stdout], [2, ''], stderr);
      assert.match(stderr, why);
      assert.is(stderr.split('\n').filter((line) => line.startsWith('error: ')).length, 1);
    }
  }
  const der = join(root, 'ca.der');
  execFileSync(OPENSSL, ['x509', '-in', join(root, 'ca.pem'), '-outform', 'der', '-out', der]);
  assert.is((await mkimage(['build', '--ca', der, '-f', '-', app], { input })).code, 0);
});

/** An image that holds what a step saw in `/run/mkimage`, and its variables. */
async function seenByStep(files: string, ca: readonly string[]): Promise<(name: string) => Buffer> {
  copyFileSync(programPath('busybox')!, join(app, 'busybox'));
  writeFileSync(join(app, 'own.pem'), files);
  const input = [
    'FROM scratch AS step',
    'COPY busybox /bin/sh',
    'COPY busybox /bin/busybox',
    'COPY own.pem /etc/ssl/certs/ca-certificates.crt',
    'ENV JAVA_TOOL_OPTIONS=-Xmx64m',
    'USER 1234',
    'WORKDIR /out',
    `RUN env > variables; busybox cp /run/mkimage/* . 2>/dev/null; true`,
    'FROM scratch',
    'COPY --from=step /out /',
  ].join('\n');
  const out = join(root, 'out');
  const args = ['build', '--no-cache', ...ca, '-o', `type=local,dest=${out},mode=delete`, '-f', '-', app];
  const { code, stderr } = await mkimage(args, { input });
  assert.is(code, 0, stderr);
  return (name) => readFileSync(join(out, name));
}

asRoot('are given to steps beside those that the image trusts, in the way of each program', async () => {
  makeAuthority();
  const own = join(root, 'own.pem');
  execFileSync(OPENSSL, ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-keyout', join(root, 'own.key'), '-out', own, '-subj', '/CN=own'], { stdio: 'pipe' }); // biome-ignore format: one command
  const seen = await seenByStep(readFileSync(own, 'utf8'), ['--ca', 'ca.pem']);
  const plain = (file: string) => readFileSync(join(root, file), 'utf8').trim();
  assert.is(String(seen('ca.pem')).trim(), `${plain('own.pem')}\n${plain('ca.pem')}`);
  assert.is(String(seen('apt.conf')), 'Acquire::https::CaInfo "/run/mkimage/ca.pem";\n');
  const variables = String(seen('variables'));
  for (const name of [
    'SSL_CERT_FILE',
    'CURL_CA_BUNDLE',
    'GIT_SSL_CAINFO',
    'CARGO_HTTP_CAINFO',
    'npm_config_cafile',
    'PIP_CERT',
  ]) {
    assert.match(variables, new RegExp(`^${name}=/run/mkimage/ca\\.pem$`, 'm'));
  }
  assert.match(variables, /^WGETRC=\/run\/mkimage\/wgetrc$/m);
  assert.match(variables, /^JAVA_TOOL_OPTIONS=-Xmx64m -Djavax\.net\.ssl\.trustStore=\/run\/mkimage\/ca\.jks$/m);
});

asRoot('leave nothing in a step that was given none', async () => {
  const seen = await seenByStep('', []);
  assert.not.match(String(seen('variables')), /run\/mkimage/);
});

withJava('are a trust store that Java reads', async () => {
  makeAuthority();
  const seen = await seenByStep('nothing', ['--ca', 'ca.pem']);
  writeFileSync(join(root, 'ca.jks'), seen('ca.jks'));
  const list = await succeed('keytool', ['-list', '-v', '-keystore', join(root, 'ca.jks'), '-storepass', 'changeit']);
  assert.match(list, /Owner: CN=Nobody knows me/);
  assert.ok((list.match(/trustedCertEntry/g) ?? []).length > 100, 'and what everybody trusts');
  const { code } = await mkimage(['build', '--ca', 'ca.pem', '-f', '-', app], { input: 'FROM scratch\n' });
  assert.is(code, 0);
});

test('a proxy that refuses, or is not there, is named', async () => {
  const proxy = createPlainServer((_, response) => response.writeHead(403).end());
  proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  await new Promise<void>((settle) => proxy.listen(0, '127.0.0.1', settle));
  const refusing = `http://user:secret@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  try {
    for (const url of [refusing, 'http://127.0.0.1:9', 'http://nowhere.invalid:3128']) {
      const env = { HTTPS_PROXY: url, https_proxy: url, NO_PROXY: '', no_proxy: '' };
      const shown = url.replace(/\/\/[^@]*@/, '//').replaceAll('.', '\\.');
      for (const input of ['FROM scratch\nADD https://example.invalid/file /\n', 'FROM example.invalid/base\n']) {
        const { code, stderr } = await mkimage(['build', '-f', '-', app], { input, env });
        assert.is(code, 5, stderr);
        assert.match(stderr, new RegExp(`error: .*through the proxy \`${shown}/?\`: .*\nhint: HTTP_PROXY, `));
        assert.not.match(stderr, /secret/);
      }
    }
  } finally {
    proxy.close();
  }
});

test.run();
