import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { SecretInput } from '../../src/api/index.ts';
import { checkSecrets, openSecrets } from '../../src/engine/build/build-secrets.ts';
import { createQuietCall } from '../../src/progress.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { refuses, rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('secrets of a build');
const root = tempDir('build-secrets');
const call = createQuietCall();
const asker = { cwd: root, env: { TOKEN: 'of the environment' } };

const fromFile = (id: string, path: string): SecretInput => ({ id, source: { kind: 'file', path } });
const given = (...secrets: SecretInput[]) => openSecrets({ secrets, ssh: [] }, asker);
/** Nobody. */
const USER = 65_534;
const textOf = async (bytes: Promise<Uint8Array | undefined>) => Buffer.from((await bytes) ?? []).toString();

function fileOf(name: string, content: string | Buffer): string {
  const file = join(root, name);
  writeFileSync(file, content);
  return file;
}

function pipeOf(name: string): string {
  const pipe = join(root, name);
  execFileSync('mkfifo', [pipe]);
  return pipe;
}

test('come from a file or a variable, and one that was not given is none', async () => {
  const file = fileOf('token', 'of the file\n');
  const secrets = given(
    fromFile('file', file),
    { id: 'env', source: { kind: 'env', name: 'TOKEN' } },
    { id: 'unset', source: { kind: 'env', name: 'constructor' } },
  );
  assert.is(await textOf(secrets.secret('file', call)), 'of the file\n');
  assert.is(await textOf(secrets.secret('env', call)), 'of the environment');
  assert.is(await textOf(secrets.secret('unset', call)), '');
  assert.is(await secrets.secret('other', call), undefined);
});

test('are read when they are asked for, and once', async () => {
  const file = fileOf('changing', 'before');
  const secrets = given(fromFile('a', file));
  writeFileSync(file, 'now');
  assert.is(await textOf(secrets.secret('a', call)), 'now');
  writeFileSync(file, 'later');
  assert.is(await textOf(secrets.secret('a', call)), 'now');
});

test('that could not be read are tried again', async () => {
  const file = join(root, 'late');
  const secrets = given(fromFile('a', file));
  const { hint } = await rejects(secrets.secret('a', call), 'usage', /no such file/);
  assert.match(hint ?? '', /--secret id=a,src=FILE/);
  writeFileSync(file, 'here');
  assert.is(await textOf(secrets.secret('a', call)), 'here');
});

test('of a pipe reach every step that asks, though it gives them once', async () => {
  const pipe = pipeOf('once');
  const writer = spawn('sh', ['-c', `printf token > ${pipe}; sleep 0.2`]);
  await new Promise((settle) => setTimeout(settle, 100));
  const secrets = given(fromFile('a', pipe));
  const [one, two] = await Promise.all([textOf(secrets.secret('a', call)), textOf(secrets.secret('a', call))]);
  assert.equal([one, two, await textOf(secrets.secret('a', call))], ['token', 'token', 'token']);
  writer.kill();
});

test('of a pipe have a limit, and a pipe without a writer is reported as such', async () => {
  const endless = pipeOf('endless');
  const writer = spawn('sh', ['-c', `cat /dev/zero > ${endless}`]);
  await new Promise((settle) => setTimeout(settle, 100));
  await rejects(given(fromFile('a', endless)).secret('a', call), 'limit', /secret `a`: it has more than 512000 bytes/);
  writer.kill();
  await rejects(given(fromFile('a', pipeOf('idle'))).secret('a', call), 'usage', /no data in the pipe/);
});

test('of a pipe that stays silent are given up at a signal', async () => {
  const pipe = pipeOf('silent');
  const writer = spawn('sh', ['-c', `exec sleep 20 > ${pipe}`]);
  await new Promise((settle) => setTimeout(settle, 100));
  const stop = new AbortController();
  const asked = given(fromFile('a', pipe)).secret('a', { signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  await rejects(asked, 'cancelled');
  writer.kill();
});

test('are not read for a step that is cancelled', async () => {
  await rejects(given(fromFile('a', join(root, 'none'))).secret('a', { signal: AbortSignal.abort() }), 'cancelled');
});

test('are looked at before anything is built, as far as that reads nothing', async () => {
  const check = (path: string) => () => checkSecrets({ secrets: [fromFile('a', path)] }, asker);
  check(fileOf('fine', 'x'))();
  check(pipeOf('unread'))();
  checkSecrets({ secrets: [{ id: 'e', source: { kind: 'env', name: 'NONE' } }] }, asker);
  const directory = join(root, 'directory');
  mkdirSync(directory);
  await refuses('usage', check(join(root, 'nowhere')), /no such file `.*nowhere`/);
  await refuses('usage', check(directory), /it is a directory, not a file/);
  await refuses('usage', check('/dev/zero'), /it is a device, not a file/);
  await refuses('limit', check(fileOf('large', Buffer.alloc(512_001))), /larger than 500 KiB/);
});

test('without read permission are refused before the build', async () => {
  const file = fileOf('closed', 'x');
  chmodSync(file, 0);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) return void (await refuses('usage', () => checkSecrets({ secrets: [fromFile('a', file)] }, asker)));
  // Root may read every file, so an ordinary user runs the program.
  const home = tempDir('secrets-of-a-user');
  for (const folder of [root, home]) chmodSync(folder, 0o755);
  chownSync(home, USER, USER);
  writeFileSync(join(home, 'Dockerfile'), 'FROM scratch\n');
  const createMkimage = mkimageIn(join(home, 'store'), { uid: USER });
  chownSync(join(home, 'store'), USER, USER);
  const { code, stderr } = await createMkimage(['build', '--secret', `id=a,src=${file}`, home]);
  assert.is(code, 2, stderr);
  assert.match(stderr, /secret `a`.*permission denied/);
});

test('are looked for where the caller is', async () => {
  fileOf('relative', 'x');
  checkSecrets({ secrets: [fromFile('a', 'relative')] }, asker);
  assert.is(await textOf(given(fromFile('a', 'relative')).secret('a', call)), 'x');
  const error = await refuses('usage', () => checkSecrets({ secrets: [fromFile('a', 'none')] }, asker));
  assert.is(error.message, 'read secret `a`: no such file `none`');
});

test('of an agent are asked for at its socket, one connection for each who asks', async () => {
  const socket = join(root, 'agent');
  const clients: Socket[] = [];
  const server = createServer((client) => clients.push(client.on('data', (bytes) => client.end(bytes))));
  await new Promise<void>((settle) => server.listen(socket, settle));
  const secrets = openSecrets({ secrets: [], ssh: [{ id: 'default', paths: [socket] }] }, asker);
  const agent = await secrets.sshAgent('default', call);
  for (const word of ['one', 'two']) {
    const connection = agent!.connect();
    connection.end(word);
    assert.is(Buffer.concat(await connection.toArray()).toString(), word);
  }
  assert.is(clients.length, 2);
  assert.is(await secrets.sshAgent('other', call), undefined);
  server.close();
});

test('of an agent that is not there say what to do', async () => {
  const agents = (...paths: string[]) => openSecrets({ secrets: [], ssh: [{ id: 'a', paths }] }, asker);
  assert.match((await rejects(agents().sshAgent('a', call), 'usage', /no agent is running/)).hint ?? '', /ssh-agent/);
  const file = fileOf('key', 'x');
  await rejects(agents(file).sshAgent('a', call), 'usage', /is not an agent socket/);
  await rejects(agents(file, file).sshAgent('a', call), 'usage', /is not an agent socket/);
});

test.run();
