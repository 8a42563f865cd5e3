/** Credentials of users, with a real registry and the other programs that share them. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { mkimageIn, run } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry, type TestRegistry, type TestRegistryOptions } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';
import { throwawayCertificate } from '../support/throwaway-certificate.ts';
import { serveTokens } from '../support/token-server.ts';

const test = suite('login and logout');
const withRegistry = withNeeds(test, { programs: [REGISTRY_PROGRAM] });
const withOthers = withNeeds(test, { programs: [REGISTRY_PROGRAM, 'skopeo', 'podman'] });
const withTokens = withNeeds(test, { programs: [REGISTRY_PROGRAM, 'openssl'] });
const root = tempDir('login');
let count = 0;

const PASSWORD = 'secret';
// bcrypt of the password, cost 4.
const HTPASSWD = 'user:$2y$04$1bihrk7dOewgZWRVyYCOPe3NJffiD5Lzy7d/UR4owPH.JrPa7GgCq\n';
const BASIC = `Basic ${btoa(`user:${PASSWORD}`)}`;

/** A user with an empty home and store. */
function user() {
  const home = join(root, `user-${++count}`);
  mkdirSync(home);
  const none = { REGISTRY_AUTH_FILE: '', DOCKER_CONFIG: '', DOCKER_AUTH_CONFIG: '' };
  const env = { ...none, HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), XDG_CONFIG_HOME: join(home, '.config') };
  return { home, env, config: join(home, '.docker', 'config.json'), mkimage: mkimageIn(join(home, 'store'), { env }) };
}

/** A registry with an image `team/app:1`. */
async function filledRegistry(options: TestRegistryOptions): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
  await registry.putBlob('team/app', Buffer.from(config));
  const descriptor = { mediaType: MEDIA_TYPE.config, digest: digestOf(config), size: config.length };
  const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config: descriptor, layers: [] };
  await registry.putManifest('team/app', '1', MEDIA_TYPE.manifest, JSON.stringify(manifest));
  return registry;
}

/** Every file below a folder as one text. */
function readAll(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return names.flatMap((name) => (lstatSync(name).isFile() ? [readFileSync(name, 'latin1')] : [])).join('\n');
}

withRegistry('logs in, pulls and logs out with a password, and keeps the password out of everything else', async () => {
  await using registry = await filledRegistry({ htpasswd: HTPASSWD, authorization: BASIC });
  const { mkimage, config, home } = user();
  const refused = await mkimage(['pull', '-q', `${registry.host}/team/app:1`]);
  assert.is(refused.code, 5);
  assert.match(refused.stderr, /mkimage login/);

  const debug = { input: `${PASSWORD}\n`, env: { MKIMAGE_LOG: 'debug', MKIMAGE_LOG_FILE: join(home, 'log') } };
  const login = await mkimage(['login', '-u', 'user', '--password-stdin', registry.host], debug);
  assert.is(login.code, 0, login.stderr);
  assert.is(login.stdout, 'Login Succeeded\n');
  assert.match(login.stderr, /stored unencrypted in `.*config.json`/);
  const auth = btoa(`user:${PASSWORD}`);
  assert.equal(JSON.parse(readFileSync(config, 'utf8')), { auths: { [registry.host]: { auth } } });
  assert.is(statSync(config).mode & 0o777, 0o600);

  const again = await mkimage(['login', registry.host]);
  assert.is(again.stdout, 'Authenticating with existing credentials...\nLogin Succeeded\n', again.stderr);
  const pull = await mkimage(['pull', '-q', `${registry.host}/team/app:1`], { env: debug.env });
  assert.is(pull.code, 0, pull.stderr);
  for (const where of [join(home, 'log'), join(home, 'store')]) {
    const all = statSync(where).isFile() ? readFileSync(where, 'latin1') : readAll(where);
    assert.not.match(all, new RegExp(`${auth}|:${PASSWORD}|"${PASSWORD}`));
  }

  const logout = await mkimage(['logout', registry.host]);
  assert.is(logout.stdout, `Removing login credentials for ${registry.host}\n`);
  assert.is((await mkimage(['pull', '-q', `${registry.host}/team/app:1`])).code, 5);
  assert.is((await mkimage(['logout', registry.host])).stdout, `Not logged in to ${registry.host}\n`);
});

withRegistry('saves nothing that the registry refuses', async () => {
  await using registry = await startRegistry({ htpasswd: HTPASSWD });
  const { mkimage, home } = user();
  const wrong = await mkimage(['login', '-u', 'user', '-p', 'hunter2', registry.host]);
  assert.is(wrong.code, 5);
  assert.match(wrong.stderr, /WARNING! Using --password via the CLI is insecure. Use --password-stdin./);
  assert.match(wrong.stderr, /log in to `localhost:\d+`: .*401/);
  assert.match(wrong.stderr, /check the user name and the password/);
  assert.not.match(wrong.stdout + wrong.stderr, /hunter2/);
  assert.not(readdirSync(home).includes('.docker'));
});

for (const [title, args, message] of [
  ['a password without a user name', ['--password-stdin'], /a password needs a user name/],
  ['two passwords', ['-u', 'a', '-p', 'b', '--password-stdin'], /exclude each other/],
  ['no terminal to ask at', ['-u', 'a'], /Cannot perform an interactive login from a non TTY device/],
  ['an empty password', ['-u', 'a', '--password-stdin'], /the password is empty/],
  ['a name that is no registry', ['-u', 'a', '-p', 'b', 'not a host'], /not the name of a registry/],
] as const)
  test(`refuses ${title}`, async () => {
    const { code, stderr } = await user().mkimage([
      'login',
      ...args,
      ...(args.at(-1) === 'not a host' ? [] : ['localhost:1']),
    ]);
    assert.is(code, 2);
    assert.match(stderr, message);
  });

withTokens('exchanges a password for an identity token, and uses that from then on', async () => {
  const pair = throwawayCertificate(['tokens']);
  await using tokens = await serveTokens({
    ...pair,
    username: 'user',
    password: PASSWORD,
    identityToken: 'identity-1',
  });
  const authorization = `Bearer ${tokens.mint(['repository:team/app:pull,push'])}`;
  await using registry = await filledRegistry({ token: tokens.trust, authorization });
  const { mkimage, config } = user();
  const wrong = await mkimage(['login', '-u', 'user', '--password-stdin', registry.host], { input: 'no' });
  assert.is(wrong.code, 5);
  assert.match(wrong.stderr, /incorrect username or password/);
  assert.is((await mkimage(['pull', '-q', `${registry.host}/team/app:1`])).code, 5);

  const login = await mkimage(['login', '-u', 'user', '--password-stdin', registry.host], { input: PASSWORD });
  assert.is(login.code, 0, login.stderr);
  const entry = { auth: btoa('user:'), identitytoken: 'identity-1' };
  assert.equal(JSON.parse(readFileSync(config, 'utf8')), { auths: { [registry.host]: entry } });

  const before = tokens.server.seen.length;
  const pull = await mkimage(['pull', '-q', `${registry.host}/team/app:1`]);
  assert.is(pull.code, 0, pull.stderr);
  const asked = tokens.server.seen.slice(before);
  assert.equal(
    asked.map(({ method, path }) => `${method} ${path}`),
    ['POST /token'],
  );
  assert.is(asked[0]?.headers.authorization, undefined);
  assert.is((await mkimage(['login', registry.host])).code, 0);
});

withOthers('shares credentials with skopeo and podman, in both directions', async () => {
  await using registry = await filledRegistry({ htpasswd: HTPASSWD, authorization: BASIC });
  const image = `${registry.host}/team/app:1`;
  const there = user();
  const skopeo = ['login', '--tls-verify=false', '-u', 'user', '--password-stdin', registry.host];
  mkdirSync(join(there.home, 'run'));
  const other = await run(programPath('skopeo')!, skopeo, { env: there.env, input: PASSWORD });
  assert.is(other.code, 0, other.stderr);
  assert.is((await there.mkimage(['pull', '-q', image])).code, 0);

  const here = user();
  const file = join(here.home, 'auth.json');
  const env = { ...here.env, REGISTRY_AUTH_FILE: file };
  await here.mkimage(['login', '-u', 'user', '--password-stdin', registry.host], { input: PASSWORD, env });
  const inspect = ['inspect', '--tls-verify=false', `docker://${image}`];
  const seen = await run(programPath('skopeo')!, inspect, { env });
  assert.is(seen.code, 0, seen.stderr);
  const name = await run(programPath('podman')!, ['login', '--get-login', registry.host], { env });
  assert.is(name.stdout.trim(), 'user', name.stderr);
});

withRegistry('takes credentials from the environment, and warns that logging out does not remove them', async () => {
  await using registry = await filledRegistry({ htpasswd: HTPASSWD, authorization: BASIC });
  const { mkimage } = user();
  const auths = {
    [`${registry.host}/team`]: { auth: btoa(`user:${PASSWORD}`) },
    [registry.host]: { auth: btoa('a:b') },
  };
  const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) };
  const pull = await mkimage(['pull', '-q', `${registry.host}/team/app:1`], { env });
  assert.is(pull.code, 0, pull.stderr);
  const logout = await mkimage(['logout', registry.host], { env });
  assert.is(logout.stdout, `Not logged in to ${registry.host}\n`);
  assert.match(logout.stderr, /still has credentials/);
});

withRegistry('uses a helper program for a registry', async () => {
  await using registry = await filledRegistry({ htpasswd: HTPASSWD, authorization: BASIC });
  const { mkimage, home, config } = user();
  mkdirSync(join(home, '.docker'));
  mkdirSync(join(home, 'bin'));
  writeFileSync(config, JSON.stringify({ credHelpers: { [registry.host]: 'fixed' } }));
  const answer = JSON.stringify({ ServerURL: registry.host, Username: 'user', Secret: PASSWORD });
  const program = join(home, 'bin', 'docker-credential-fixed');
  writeFileSync(program, `#!/bin/sh\ncat >/dev/null; echo "$@" >>${home}/runs; echo '${answer}'\n`, { mode: 0o755 });
  const env = { PATH: `${join(home, 'bin')}:${process.env.PATH}` };
  const pull = await mkimage(['pull', '-q', `${registry.host}/team/app:1`], { env });
  assert.is(pull.code, 0, pull.stderr);
  assert.is(readFileSync(join(home, 'runs'), 'utf8'), 'get\n');
});

withRegistry('asks at a terminal, and does not show the password', async () => {
  await using registry = await startRegistry({ htpasswd: HTPASSWD });
  const { env, config, home } = user();
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const all = { ...process.env, ...env, MKIMAGE_ROOT: join(home, 'root') } as Record<string, string>;
  const child = spawn(process.execPath, [cli, 'login', registry.host], { env: all });
  let shown = '';
  const isOver = new Promise<number>((settle) => child.onExit(({ exitCode }) => settle(exitCode)));
  const answers: [RegExp, string][] = [
    [/Username: $/, 'user\r'],
    [/Password: $/, `${PASSWORD}x\u007f\r`],
  ];
  child.onData((text) => {
    shown += text;
    if (answers[0]?.[0].test(shown)) child.write(answers.shift()![1]);
  });
  assert.is(await isOver, 0, shown);
  assert.match(shown, /Login Succeeded/);
  assert.not.match(shown, new RegExp(PASSWORD));
  assert.equal(Object.keys(JSON.parse(readFileSync(config, 'utf8')).auths), [registry.host]);
});

test.run();
