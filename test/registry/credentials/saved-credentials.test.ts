import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createQuietCall } from '../../../src/progress.ts';
import { SavedCredentials, type SavedCredentialsOptions } from '../../../src/registry/credentials/saved-credentials.ts';
import { rejects } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('saved credentials');
const call = createQuietCall();
const root = tempDir('credentials');
let count = 0;

const encode = (text: string) => Buffer.from(text).toString('base64');

interface Place {
  readonly folder: string;
  readonly docker: string;
  readonly podman: string;
  readonly environment: Readonly<Record<string, string>>;
  open(options?: Partial<SavedCredentialsOptions>): SavedCredentials;
}

/** A user's folder with the given files. */
function place(docker?: unknown, podman?: unknown): Place {
  const folder = join(root, String(++count));
  mkdirSync(folder);
  const files = { docker: join(folder, 'docker', 'config.json'), podman: join(folder, 'podman', 'auth.json') };
  const write = (path: string, content: unknown) => {
    if (content === undefined) return;
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  };
  write(files.docker, docker);
  write(files.podman, podman);
  const environment = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, STATE: folder };
  return {
    ...{ folder, ...files, environment },
    open: (options = {}) =>
      new SavedCredentials({
        files: [files.docker, files.podman],
        written: { path: files.docker, names: 'docker' },
        environment,
        lock: join(folder, 'lock'),
        ...options,
      }),
  };
}

/** A helper program that keeps one secret per server in a folder, and counts its runs in `runs`. */
function addHelper({ folder }: Place, name: string, script = KEEPER): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const path = join(folder, 'bin', `docker-credential-${name}`);
  writeFileSync(path, `#!/bin/sh\n${script}`);
  chmodSync(path, 0o755);
}

const KEEPER = `
echo "$1" >>"$STATE/runs"
mkdir -p "$STATE/kept"
input=$(cat)
case $1 in
store)
  server=$(printf %s "$input" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/')
  printf %s "$input" >"$STATE/kept/$(printf %s "$server" | tr / _)" ;;
get) cat "$STATE/kept/$(printf %s "$input" | tr / _)" 2>/dev/null || { echo 'credentials not found in native keychain'; exit 1; } ;;
erase) rm "$STATE/kept/$(printf %s "$input" | tr / _)" ;;
esac
`;

const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

test('finds a password in the file of Docker, also for Docker Hub', async () => {
  const auths = {
    'registry.test:5000': { auth: encode('me:a:b') },
    'https://index.docker.io/v1/': { auth: encode('hub:pw') },
  };
  const saved = place({ auths }).open();
  assert.equal(await saved.find('registry.test:5000', 'app', call), { username: 'me', secret: 'a:b' });
  assert.equal(await saved.find('docker.io', 'library/debian', call), { username: 'hub', secret: 'pw' });
  assert.is(await saved.find('registry.test', 'app', call), undefined);
  assert.is(await saved.find('other.test', 'app', call), undefined);
});

test('finds nothing if no file exists', async () => {
  assert.is(await place().open().find('registry.test', 'app', call), undefined);
});

for (const key of [
  'https://registry.test',
  'https://registry.test/v1/',
  'http://registry.test/v2/',
  'registry.test/v2/',
])
  test(`understands the old key ${key}`, async () => {
    const saved = place({ auths: { [key]: { auth: encode('me:pw') } } }).open();
    assert.equal(await saved.find('registry.test', 'app', call), { username: 'me', secret: 'pw' });
  });

test('takes the longest prefix of a repository, in whole components', async () => {
  const auths = {
    'registry.test': { auth: encode('host:1') },
    'registry.test/team': { auth: encode('team:2') },
    'registry.test/team/app': { auth: encode('app:3') },
  };
  const saved = place(undefined, { auths }).open();
  const userOf = async (repository: string) => (await saved.find('registry.test', repository, call))?.username;
  assert.equal(await Promise.all(['team/app', 'team/app/x', 'team/apple', 'teams/app', 'other'].map(userOf)), [
    'app',
    'app',
    'team',
    'host',
    'host',
  ]);
});

test('prefers the environment to the files, and the file of Docker to that of Podman', async () => {
  const auth = (user: string) => ({ auths: { 'a.test': { auth: encode(`${user}:pw`) } } });
  const both = place(auth('docker'), { auths: { ...auth('podman').auths, 'b.test': { auth: encode('b:pw') } } });
  assert.is((await both.open().find('a.test', 'x', call))?.username, 'docker');
  assert.is((await both.open().find('b.test', 'x', call))?.username, 'b');
  const given = both.open({ inEnvironment: JSON.stringify(auth('variable')) });
  assert.is((await given.find('a.test', 'x', call))?.username, 'variable');
  assert.is((await given.find('b.test', 'x', call))?.username, 'b');
});

test('reads identity tokens and registry tokens', async () => {
  const auths = {
    'a.test': { auth: encode('<token>:'), identitytoken: 'refresh' },
    'b.test': { registrytoken: 'bearer' },
    'c.test': {},
  };
  const saved = place({ auths }).open();
  assert.equal(await saved.find('a.test', 'x', call), { kind: 'identity-token', username: '', secret: 'refresh' });
  assert.equal(await saved.find('b.test', 'x', call), { kind: 'registry-token', username: '', secret: 'bearer' });
  assert.is(await saved.find('c.test', 'x', call), undefined);
});

test('asks the helper of a registry, and the general helper for others, once each', async () => {
  const here = place({
    credHelpers: { 'a.test': 'own' },
    credsStore: 'keeper',
    auths: { 'd.test': { auth: encode('d:pw') } },
  });
  addHelper(here, 'own', `echo get >>"$STATE/runs"; cat >/dev/null; echo '{"Username":"<token>","Secret":"id"}'`);
  addHelper(here, 'keeper');
  await here.open().save({ registry: 'b.test', repository: '' }, { username: 'b', secret: 'pw' }, call);
  const saved = here.open();
  for (let times = 0; times < 2; times++) {
    assert.equal(await saved.find('a.test', 'x', call), { kind: 'identity-token', username: '', secret: 'id' });
    assert.equal(await saved.find('b.test', 'y', call), { username: 'b', secret: 'pw' });
    assert.is(await saved.find('c.test', 'y', call), undefined);
    assert.equal(await saved.find('d.test', 'y', call), { username: 'd', secret: 'pw' }, 'falls back to the file');
  }
  assert.is(readFileSync(join(here.folder, 'runs'), 'utf8'), 'store\nget\nget\nget\nget\n');
});

test('says which helper program is missing, fails or answers nonsense', async () => {
  const missing = place({ credsStore: 'absent' });
  await rejects(
    missing.open().find('a.test', 'x', call),
    'registry',
    /docker-credential-absent`: program not found in PATH/,
  );
  const failing = place({ credsStore: 'bad' });
  addHelper(failing, 'bad', 'echo "keyring is locked"; exit 3');
  await rejects(failing.open().find('a.test', 'x', call), 'registry', /docker-credential-bad`: keyring is locked/);
  addHelper(failing, 'bad', 'echo hello');
  await rejects(failing.open().find('a.test', 'x', call), 'registry', /the answer is not the JSON of credentials/);
});

test('kills a helper program that does not answer, with its children', async () => {
  const here = place({ credsStore: 'slow' });
  addHelper(here, 'slow', 'sleep 100 & echo $! >"$STATE/child"; wait');
  await rejects(here.open({ patience: 300 }).find('a.test', 'x', call), 'registry', /no answer after 0.3 s/);
  const child = readFileSync(join(here.folder, 'child'), 'utf8').trim();
  const isRunning = () => existsSync(`/proc/${child}`) && !/\) Z /.test(readFileSync(`/proc/${child}/stat`, 'utf8'));
  for (let tries = 0; tries < 100 && isRunning(); tries++) await new Promise((settle) => setTimeout(settle, 20));
  assert.not(isRunning());
});

test('never runs a helper program by its path or from the current folder', async () => {
  const here = place({ credsStore: '../bin/x' });
  await rejects(here.open().find('a.test', 'x', call), 'registry', /not the name of a program/);
  const relative = place({ credsStore: 'keeper' });
  addHelper(relative, 'keeper');
  const open = relative.open({
    environment: { PATH: `bin::.:${'../'.repeat(20)}${join(relative.folder, 'bin').slice(1)}` },
  });
  await rejects(open.find('a.test', 'x', call), 'registry', /program not found in PATH/);
});

test('shows no part of a damaged file', async () => {
  const secret = encode('me:hunter2');
  for (const text of [`{"auths":{"a.test":{"auth":"${secret}"`, `["${secret}"]`, `{"auths":"${secret}"}`]) {
    const error = await place(text)
      .open()
      .find('a.test', 'x', call)
      .catch((failure: Error) => failure);
    assert.instance(error, Error);
    assert.match(
      String((error as Error).message),
      /^read credentials from `.*config.json`: (not JSON|not a JSON object|`auths` is not)/,
    );
    assert.not.match(
      JSON.stringify([error, String((error as Error).cause), (error as Error).message]),
      secret.slice(0, 6),
    );
  }
  const entry = place({ auths: { 'a.test': { auth: encode('hunter2') } } }).open();
  await rejects(entry.find('a.test', 'x', call), 'usage', /`auth` of `a.test` is not the base64/);
});

test('saves into a private file as Docker writes it, and keeps what it does not know', async () => {
  const here = place({
    psFormat: 'table',
    auths: { 'b.test': { auth: encode('b:pw'), email: 'x' } },
    plugins: { a: {} },
  });
  chmodSync(here.docker, 0o644);
  const stored = await here.open().save({ registry: 'a.test', repository: '' }, { username: 'me', secret: 'pw' }, call);
  assert.equal(stored, { kind: 'file', path: here.docker });
  assert.equal(readJson(here.docker), {
    psFormat: 'table',
    auths: { 'b.test': { auth: encode('b:pw'), email: 'x' }, 'a.test': { auth: encode('me:pw') } },
    plugins: { a: {} },
  });
  assert.is(statSync(here.docker).mode & 0o777, 0o600);
});

test('creates the folder and the file, and names Docker Hub as Docker does', async () => {
  const here = place();
  const hub = { registry: 'docker.io', repository: '' };
  await here.open().save(hub, { kind: 'identity-token', username: 'me', secret: 'refresh' }, call);
  const entry = { auth: encode('me:'), identitytoken: 'refresh' };
  assert.equal(readJson(here.docker), { auths: { 'https://index.docker.io/v1/': entry } });
  assert.is(statSync(join(here.docker, '..')).mode & 0o777, 0o700);
  await here
    .open({ written: { path: here.podman, names: 'podman' } })
    .save(hub, { username: 'me', secret: 'pw' }, call);
  assert.equal(readJson(here.podman), { auths: { 'docker.io': { auth: encode('me:pw') } } });
});

test('writes through a symlink, so that a file that is managed elsewhere stays there', async () => {
  const here = place();
  mkdirSync(join(here.docker, '..'));
  writeFileSync(join(here.folder, 'real.json'), '{}');
  symlinkSync(join(here.folder, 'real.json'), here.docker);
  await here.open().save({ registry: 'a.test', repository: '' }, { username: 'me', secret: 'pw' }, call);
  assert.equal(readJson(join(here.folder, 'real.json')), { auths: { 'a.test': { auth: encode('me:pw') } } });
  assert.is(readFileSync(here.docker, 'utf8'), readFileSync(join(here.folder, 'real.json'), 'utf8'));
});

test('stores in the helper, and leaves an empty entry in the file', async () => {
  const here = place({ credsStore: 'keeper' });
  addHelper(here, 'keeper');
  const stored = await here.open().save({ registry: 'a.test', repository: '' }, { username: 'me', secret: 'pw' }, call);
  assert.equal(stored, { kind: 'helper', name: 'keeper' });
  assert.equal(readJson(here.docker), { credsStore: 'keeper', auths: { 'a.test': {} } });
  assert.equal(await here.open().find('a.test', 'x', call), { username: 'me', secret: 'pw' });

  assert.is(await here.open().remove({ registry: 'a.test', repository: '' }, call), true);
  assert.is(await here.open().find('a.test', 'x', call), undefined);
  assert.equal(readJson(here.docker), { credsStore: 'keeper', auths: {} });
});

test('removes every form of a name, and says if there was none', async () => {
  const auths = { 'a.test': { auth: 'x' }, 'https://a.test/v1/': { auth: 'y' }, 'a.test/team': { auth: 'z' } };
  const here = place({ auths });
  assert.is(await here.open().remove({ registry: 'a.test', repository: '' }, call), true);
  assert.equal(readJson(here.docker), { auths: { 'a.test/team': { auth: 'z' } } });
  assert.is(await here.open().remove({ registry: 'a.test', repository: '' }, call), false);
  await here.open().removeAll(call);
  assert.equal(readJson(here.docker), { auths: {} });
});

test('loses no login when many are saved at once', async () => {
  const here = place();
  const names = Array.from({ length: 12 }, (_, index) => `r${index}.test`);
  await Promise.all(
    names.map((registry) => here.open().save({ registry, repository: '' }, { username: 'u', secret: registry }, call)),
  );
  assert.equal(Object.keys(readJson(here.docker).auths).sort(), [...names].sort());
});

test.run();
