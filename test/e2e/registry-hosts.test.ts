/** Mirrors, certificates and other settings of registries, with real registries. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry, type TestRegistry, type TestRegistryOptions } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';

const test = suite('where registries are');
const withRegistry = withNeeds(test, { programs: [REGISTRY_PROGRAM] });
const withTls = withNeeds(test, { programs: [REGISTRY_PROGRAM, 'openssl'] });
const root = tempDir('registry-hosts');
let count = 0;

// bcrypt of `secret`, cost 4.
const HTPASSWD = 'user:$2y$04$1bihrk7dOewgZWRVyYCOPe3NJffiD5Lzy7d/UR4owPH.JrPa7GgCq\n';

/** A user with files below `~/.config`. */
function user(files: Readonly<Record<string, string>> = {}) {
  const home = join(root, `user-${++count}`);
  mkdirSync(home);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, '.config', name)), { recursive: true });
    writeFileSync(join(home, '.config', name), text);
  }
  const none = { REGISTRY_AUTH_FILE: '', DOCKER_CONFIG: '', DOCKER_AUTH_CONFIG: '', SSL_CERT_FILE: '' };
  const env = { ...none, HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), XDG_CONFIG_HOME: join(home, '.config') };
  return { home, mkimage: mkimageIn(join(home, 'store'), { env }) };
}

/** A registry with an image `team/app:1`; `content` is its folder. */
async function filledRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry & { readonly content: string }> {
  const content = join(root, `content-${++count}`);
  const registry = await startRegistry({ ...options, content });
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
  await registry.putBlob('team/app', Buffer.from(config));
  const descriptor = { mediaType: MEDIA_TYPE.config, digest: digestOf(config), size: config.length };
  const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config: descriptor, layers: [] };
  await registry.putManifest('team/app', '1', MEDIA_TYPE.manifest, JSON.stringify(manifest));
  return { ...registry, content };
}

const rule = (prefix: string, location: string, ...mirrors: readonly string[]) =>
  `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\n${mirrors
    .map((mirror) => `[[registry.mirror]]\nlocation = "${mirror}"\n`)
    .join('')}`;

withTls('trusts the authority in certs.d for its registry, and a file given by SSL_CERT_FILE', async () => {
  const tls = throwawayCertificate(['localhost']);
  const { content, ...open } = await filledRegistry();
  await using _open = open;
  await using registry = await startRegistry({ tls, content });
  const name = `${registry.host}/team/app:1`;

  const stranger = await user().mkimage(['pull', '-q', name]);
  assert.is(stranger.code, 5);
  assert.match(stranger.stderr, /self-signed certificate/);
  assert.match(stranger.stderr, /certs\.d/);
  const friend = user({ [`containers/certs.d/${registry.host}/ca.crt`]: tls.cert });
  const pull = await friend.mkimage(['pull', '-q', name]);
  assert.is(pull.code, 0, pull.stderr);
  const file = join(root, 'authority.pem');
  writeFileSync(file, tls.cert);
  const byVariable = await user().mkimage(['pull', '-q', name], { env: { SSL_CERT_FILE: file } });
  assert.is(byVariable.code, 0, byVariable.stderr);
});

withTls('accepts an unknown certificate only if the registry is called insecure', async () => {
  const tls = throwawayCertificate(['elsewhere.test']);
  const { content, ...open } = await filledRegistry();
  await using _open = open;
  await using registry = await startRegistry({ tls, content });
  const name = `${registry.host}/team/app:1`;
  assert.is((await user().mkimage(['pull', '-q', name])).code, 5);
  const podman = user({ 'containers/registries.conf': `${rule(registry.host, registry.host)}insecure = true\n` });
  assert.is((await podman.mkimage(['pull', '-q', name])).code, 0);
  const docker = user({ 'docker/daemon.json': JSON.stringify({ 'insecure-registries': [registry.host] }) });
  assert.is((await docker.mkimage(['pull', '-q', name])).code, 0);
});

withRegistry('pulls through a mirror, and from the origin when the mirror is gone', async () => {
  const { content: _, ...origin } = await filledRegistry();
  await using _origin = origin;
  const mirror = await startRegistry({ mirrorOf: `http://${origin.host}` });
  const files = { 'mkimage/registries.conf': rule('origin.test', 'nowhere.invalid', mirror.host) };
  const pull = await user(files).mkimage(['pull', 'origin.test/team/app:1']);
  assert.is(pull.code, 0, pull.stderr);
  assert.is(pull.stdout, 'origin.test/team/app:1\n');
  assert.not.match(pull.stderr, /mirror/);

  await mirror[Symbol.asyncDispose]();
  const later = user({ 'mkimage/registries.conf': rule('origin.test', origin.host, mirror.host) });
  const fallback = await later.mkimage(['pull', 'origin.test/team/app:1']);
  assert.is(fallback.code, 0, fallback.stderr);
  assert.match(fallback.stderr, /the mirror `localhost:\d+` cannot be used: .*ECONNREFUSED/);
});

withRegistry("uses the mirrors of Docker's daemon for Docker Hub, in builds too", async () => {
  const { content: _, ...hub } = await filledRegistry();
  await using _hub = hub;
  const { home, mkimage } = user({
    'docker/daemon.json': JSON.stringify({ 'registry-mirrors': [`http://${hub.host}/`] }),
  });
  mkdirSync(join(home, 'context'));
  writeFileSync(join(home, 'context', 'Dockerfile'), 'FROM team/app:1\nLABEL a=b\n');
  const build = await mkimage(['build', '-t', 'built', join(home, 'context')]);
  assert.is(build.code, 0, build.stderr);
  assert.match(build.stderr, /docker.io\/team\/app:1/);
});

withRegistry('sends a mirror its own credentials', async () => {
  const { content, ...open } = await filledRegistry();
  await using _open = open;
  await using mirror = await startRegistry({ htpasswd: HTPASSWD, content });
  const files = { 'mkimage/registries.conf': rule('origin.test', 'nowhere.invalid', mirror.host) };
  const { mkimage } = user(files);
  assert.is((await mkimage(['pull', '-q', 'origin.test/team/app:1'])).code, 5);
  const login = await mkimage(['login', '-u', 'user', '--password-stdin', mirror.host], { input: 'secret' });
  assert.is(login.code, 0, login.stderr);
  const pull = await mkimage(['pull', '-q', 'origin.test/team/app:1']);
  assert.is(pull.code, 0, pull.stderr);
});

test('refuses a blocked registry before anything is asked', async () => {
  const file = join(root, 'blocked.conf');
  writeFileSync(file, `${rule('blocked.test', 'blocked.test')}blocked = true\n`);
  const { mkimage } = user();
  const { code, stderr } = await mkimage(['pull', 'blocked.test/app'], { env: { MKIMAGE_REGISTRIES_CONF: file } });
  assert.is(code, 5);
  assert.match(stderr, /`blocked.test` is blocked in registries.conf/);
});

test.run();
