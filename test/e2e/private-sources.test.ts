/** Private repositories and files as sources of a build. */
import { execFileSync, spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { servedRepositories } from '../support/git-server.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { type ScriptedServer, serve } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('private sources');
const withGit = withNeeds(test, { programs: ['git'] });
const withSsh = withNeeds(test, { root: true, programs: ['git', 'sshd', 'ssh', 'ssh-keygen', 'ssh-agent', 'ssh-add'] });
const root = tempDir('private-sources');
let count = 0;

const TOKEN = 'ghp-token-of-a-test';
const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');

/** A repository with a build file. */
function makeRepository(): string {
  const folder = join(root, `served-${++count}`);
  const repository = join(folder, 'app.git');
  mkdirSync(repository, { recursive: true });
  writeFileSync(join(repository, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  const settings = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main'];
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', repository, ...settings, ...words], {
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
      stdio: 'pipe',
    });
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message=x');
  return folder;
}

/** A server that shows the repositories of another one to those who have the header. */
function guard(base: string, authorization: string): Promise<ScriptedServer> {
  return serve((asked, response) => {
    if (asked.headers.authorization !== authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const { method, headers } = asked;
    const forwarded = request(`${base}${asked.url}`, { method: method ?? 'GET', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    asked.pipe(forwarded);
  });
}

/** A user, and a `git` that writes down its arguments. */
function user() {
  const home = join(root, `user-${++count}`);
  mkdirSync(join(home, 'bin'), { recursive: true });
  const git = programPath('git')!;
  writeFileSync(join(home, 'bin', 'git'), `#!/bin/sh\necho "$@" >>${home}/arguments\nexec ${git} "$@"\n`, {
    mode: 0o755,
  });
  const env = { HOME: home, PATH: `${join(home, 'bin')}:${process.env.PATH}`, SSH_AUTH_SOCK: '', MKIMAGE_LOG: 'debug' };
  const log = { MKIMAGE_LOG_FILE: join(home, 'log') };
  return { home, mkimage: mkimageIn(join(home, 'store'), { env: { ...env, ...log } }) };
}

function writeContext(home: string, ...lines: readonly string[]): string {
  const folder = join(home, `context-${++count}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
  return folder;
}

/** Every file below a folder as one text. */
function readAll(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return names.flatMap((name) => (lstatSync(name).isFile() ? [readFileSync(name, 'latin1')] : [])).join('\n');
}

const SECRET_TEXT = new RegExp(`${TOKEN}|${BASIC}`);

withGit(
  'fetches a private repository with GIT_AUTH_TOKEN, as a context and by ADD, and keeps the token to itself',
  () =>
    servedRepositories(makeRepository(), async (base) => {
      await using server = await guard(base, `Basic ${BASIC}`);
      const { home, mkimage } = user();
      const url = `http://localhost:${server.port}/app.git`;
      const refused = await mkimage(['build', '-q', url]);
      assert.is(refused.code, 5);
      assert.match(refused.stderr, /a private repository needs a token: `--secret id=GIT_AUTH_TOKEN.HOST`/);

      const env = { TOKEN };
      const secret = ['--secret', `id=GIT_AUTH_TOKEN.localhost:${server.port},env=TOKEN`];
      const context = await mkimage(['build', '-t', 'one', ...secret, url], { env });
      assert.is(context.code, 0, context.stderr);
      const folder = writeContext(home, 'FROM scratch', `ADD ${url} /src/`);
      const add = await mkimage(['build', '-t', 'two', '--secret', 'id=GIT_AUTH_TOKEN,env=TOKEN', folder], { env });
      assert.is(add.code, 0, add.stderr);
      for (const text of [context.stderr, add.stderr, readAll(home)]) assert.not.match(text, SECRET_TEXT);
      assert.match(readFileSync(join(home, 'arguments'), 'utf8'), /ls-remote/);
    }),
);

withGit('passes a password in the URL of a repository to git without showing it in arguments', () =>
  servedRepositories(makeRepository(), async (base) => {
    await using server = await guard(base, `Basic ${BASIC}`);
    const { home, mkimage } = user();
    const result = await mkimage(['build', '-q', `http://x-access-token:${TOKEN}@localhost:${server.port}/app.git`]);
    assert.is(result.code, 0, result.stderr);
    assert.not.match(readAll(home), SECRET_TEXT);
  }),
);

withGit('does not send the token of a host to a submodule or redirect on another', () =>
  servedRepositories(makeRepository(), async (base) => {
    await using elsewhere = await serve((_asked, response) => response.writeHead(404).end());
    await using server = await serve((asked, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${elsewhere.port}${asked.url}` }).end();
    });
    const { mkimage } = user();
    const secret = ['--secret', `id=GIT_AUTH_TOKEN.localhost:${server.port},env=TOKEN`];
    const env = { TOKEN, MKIMAGE_TRUSTED_HOSTS: '127.0.0.1' };
    const { code } = await mkimage(['build', '-q', ...secret, `http://localhost:${server.port}/app.git`], { env });
    assert.is(code, 5);
    assert.is(server.seen[0]?.headers.authorization, `Basic ${BASIC}`);
    assert.ok(elsewhere.seen.length > 0, base);
    assert.equal([...new Set(elsewhere.seen.map(({ headers }) => headers.authorization))], [undefined]);
  }),
);

test('fetches a private file with HTTP_AUTH_TOKEN, and not with a token for another host', async () => {
  await using storage = await serve((_asked, response) => response.end('stored'), { address: '127.0.0.1' });
  await using server = await serve((asked, response) => {
    if (asked.headers.authorization !== `Bearer ${TOKEN}`) response.writeHead(401).end();
    else if (asked.url?.startsWith('/moved'))
      response.writeHead(302, { location: `http://127.0.0.1:${storage.port}/x?sig=${TOKEN}` }).end();
    else response.end('private');
  });
  const { home, mkimage } = user();
  const host = `localhost:${server.port}`;
  const folder = writeContext(
    home,
    'FROM scratch',
    `ADD http://${host}/a?x-signature=hunter2 /a`,
    `ADD http://${host}/moved /b`,
  );
  const env = { TOKEN, MKIMAGE_TRUSTED_HOSTS: '127.0.0.1' };
  const wrong = await mkimage(['build', '-q', '--secret', 'id=HTTP_AUTH_TOKEN_other.test,env=TOKEN', folder], { env });
  assert.is(wrong.code, 5);
  assert.match(wrong.stderr, /fetch `http:\/\/localhost:\d+\/(a\?…|moved)`: the server answered 401/);
  const right = await mkimage(['build', '-q', '--secret', `id=HTTP_AUTH_TOKEN_${host},env=TOKEN`, folder], { env });
  assert.is(right.code, 0, right.stderr);
  assert.equal(
    storage.seen.map(({ headers }) => headers.authorization),
    [undefined],
  );
  assert.not.match(readAll(home), SECRET_TEXT);
});

/** A real ssh server for root on a free port, with a key that may log in. */
async function startSshServer() {
  const folder = join(root, `sshd-${++count}`);
  mkdirSync(folder, { mode: 0o700 });
  const makeKey = (name: string) =>
    execFileSync(programPath('ssh-keygen')!, ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  for (const name of ['host', 'user']) makeKey(name);
  const port = await new Promise<number>((settle) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => settle(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
  mkdirSync('/run/sshd', { recursive: true });
  const settings = [
    ...['ListenAddress 127.0.0.1', `Port ${port}`, `HostKey ${folder}/host`, 'PidFile none', 'StrictModes no'],
    ...['UsePAM no', 'PasswordAuthentication no', 'PermitRootLogin yes', `AuthorizedKeysFile ${folder}/user.pub`],
  ];
  writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`);
  const server = spawn(programPath('sshd')!, ['-D', '-f', join(folder, 'config')], { stdio: 'ignore' });
  const isListening = () =>
    new Promise<boolean>((settle) => {
      const socket = createConnection({ port, host: '127.0.0.1' });
      socket.once('connect', () => socket.end() && settle(true)).once('error', () => settle(false));
    });
  for (let tries = 0; tries < 200 && !(await isListening()); tries++) await new Promise((next) => setTimeout(next, 25));
  const [type, key] = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ');
  return {
    port,
    key: join(folder, 'user'),
    knownHosts: `[127.0.0.1]:${port} ${type} ${key}\n`,
    [Symbol.asyncDispose]: async () => void server.kill('SIGKILL'),
  };
}

withSsh(
  'reaches a repository by ssh with the key of --ssh or its agent, and only if the host key is known',
  async () => {
    const folder = makeRepository();
    await using server = await startSshServer();
    const { home, mkimage } = user();
    const url = `ssh://root@127.0.0.1:${server.port}${folder}/app.git`;
    const known = join(home, 'known');
    const key = ['--ssh', `default=${server.key}`];
    const unknown = await mkimage(['build', '-q', ...key, url], { env: { SSH_KNOWN_HOSTS: known } });
    assert.is(unknown.code, 5);
    assert.match(unknown.stderr, /Host key verification failed/, unknown.stderr);
    assert.match(unknown.stderr, /add it to `~\/.ssh\/known_hosts`, or set MKIMAGE_SSH_HOST_KEYS=accept/);
    const accepting = await mkimage(['build', '-q', ...key, url], { env: { MKIMAGE_SSH_HOST_KEYS: 'accept' } });
    assert.is(accepting.code, 0, accepting.stderr);

    writeFileSync(known, server.knownHosts);
    const env = { SSH_KNOWN_HOSTS: known };
    const trusting = await mkimage(['build', '-q', '--no-cache', ...key, url], { env });
    assert.is(trusting.code, 0, trusting.stderr);
    const nobody = await mkimage(['build', '-q', url], { env });
    assert.is(nobody.code, 5);
    assert.match(nobody.stderr, /give an agent or a key with `--ssh default`/);

    const socket = join(home, 'agent');
    const agent = spawn(programPath('ssh-agent')!, ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      for (let tries = 0; tries < 200 && !lstatSync(socket, { throwIfNoEntry: false }); tries++)
        await new Promise((next) => setTimeout(next, 25));
      execFileSync(programPath('ssh-add')!, ['-q', server.key], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'pipe',
      });
      const ambient = { ...env, SSH_AUTH_SOCK: socket };
      const forwarded = await mkimage(['build', '-q', '--ssh', `default=${socket}`, url], { env });
      assert.is(forwarded.code, 0, forwarded.stderr);
      const named = await mkimage(['build', '-q', url], { env: ambient });
      assert.is(named.code, 0, 'a context that the user names may use the agent');
      const context = writeContext(home, 'FROM scratch', `ADD ${url} /src/`);
      const taken = await mkimage(['build', '-q', context], { env: ambient });
      assert.is(taken.code, 5, 'a build file may not');
      const given = await mkimage(['build', '-q', '--ssh', 'default', context], { env: ambient });
      assert.is(given.code, 0, given.stderr);
    } finally {
      agent.kill();
    }
  },
);

test.run();
