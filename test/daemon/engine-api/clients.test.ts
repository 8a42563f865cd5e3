/** Other clients of Docker that Debian has. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { withNeeds } from '../../support/needs.ts';

const test = suite('daemon: clients');
const withPython = withNeeds(test, {
  root: true,
  programs: ['busybox', 'python3'],
  missing: existsSync('/usr/lib/python3/dist-packages/docker/client.py') ? undefined : 'python3-docker',
});
const withCompose = withNeeds(test, { root: true, programs: ['busybox', 'docker-compose', 'ip', 'nft'] });

let daemon: TestDaemon;
test.before(async () => {
  if (process.getuid?.() === 0) daemon = await startDaemon('daemon-clients');
});
test.after(async () => {
  await daemon?.[Symbol.asyncDispose]();
});

withPython('docker-py runs, looks, copies and builds', async () => {
  const output = await run('/usr/bin/python3', [
    resolve('test/support/docker-py-session.py'),
    `unix://${daemon.socket}`,
  ]);
  assert.equal(output.split('\n'), [
    "True b'hi\\n'",
    "3 b'bad\\n'",
    'no such image',
    "running b'x\\n' 4",
    "b'tick\\n'",
    'True',
    'file 2048',
    '1',
    '137',
    "['built-by-python:latest'] {'x': 'y'}",
    "python-volume ['none']",
    '',
  ]);
});

const COMPOSE = `version: "3"
services:
  db:
    image: bb
    command: ["sh", "-c", "while :; do sleep 1; done"]
    volumes: [data:/data]
    networks: {back: {aliases: [database]}}
  app:
    build: ./app
    command: ["sh", "-c", "cat /made; while :; do sleep 1; done"]
    depends_on: [db]
    networks: [back]
volumes: {data: {}}
networks: {back: {}}
`;

withCompose('docker-compose 1.29 builds, starts and removes services that find each other', async () => {
  const folder = join(daemon.store.home, 'project');
  mkdirSync(join(folder, 'app'), { recursive: true });
  writeFileSync(join(folder, 'docker-compose.yml'), COMPOSE);
  writeFileSync(join(folder, 'app/Dockerfile'), 'FROM bb\nCOPY made /made\n');
  writeFileSync(join(folder, 'app/made'), 'made\n');
  const compose = (...args: readonly string[]) =>
    run('docker-compose', ['-f', join(folder, 'docker-compose.yml'), '-p', 'project', ...args], {
      DOCKER_HOST: `unix://${daemon.socket}`,
      COMPOSE_DOCKER_CLI_BUILD: '0',
      DOCKER_BUILDKIT: '0',
    });
  try {
    assert.match(await compose('build'), /Successfully tagged project_app:latest/);
    await compose('up', '-d');
    assert.match(await compose('ps'), /project_app_1 .* Up[\s\S]*project_db_1 .* Up/);
    assert.match(await compose('logs', '--no-color', 'app'), /app_1 +\| made/);
    assert.match(await compose('exec', '-T', 'app', 'ping', '-c', '1', 'database'), /1 packets received/);
  } finally {
    await compose('down', '-v', '-t', '0');
  }
  assert.is(await daemon.must('volume', 'ls', '-q'), '');
  assert.is(await daemon.must('ps', '-aq'), '');
});

test.run();

/** Returns the output of a program that must succeed. */
function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const options = { env: { ...process.env, ...env }, timeout: 40_000, killSignal: 'SIGKILL' } as const;
  return new Promise((done, fail) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else fail(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stdout}\n${stderr}`));
    });
  });
}
