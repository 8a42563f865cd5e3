/** Clients of Docker that npm has. `test/clients` pins them, and `.ci/run` installs them. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { withNeeds } from '../../support/needs.ts';

const CLIENTS = resolve('test/clients');
const test = suite('daemon: clients of npm');
const missing = existsSync(join(CLIENTS, 'node_modules')) ? undefined : '`npm ci --ignore-scripts` in test/clients';
const withDockerode = withNeeds(test, { root: true, programs: ['busybox'], missing });
const withTestcontainers = withNeeds(test, { root: true, programs: ['busybox', 'ip', 'nft'], missing });

let daemon: TestDaemon;
let context: string;
test.before(async () => {
  if (process.getuid?.() !== 0 || missing !== undefined) return;
  daemon = await startDaemon('daemon-npm');
  context = join(daemon.store.home, 'labelled');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), 'FROM bb\nLABEL x=y\n');
});
test.after(async () => {
  await daemon?.[Symbol.asyncDispose]();
});

withDockerode('dockerode runs, attaches, executes, copies and builds', async () => {
  assert.equal(await runClient('dockerode', [daemon.socket, context]), [
    '"OK" "linux"',
    '3',
    '"running" 1',
    '["typed\\n","done\\n"] 4',
    '24',
    'true ["PID","COMMAND"]',
    '"paused"',
    '["through\\n",""] 0',
    'true',
    '"Successfully tagged by-1:latest\\n" {"x":"y"}',
    '"Successfully tagged by-2:latest\\n" {"x":"y"}',
    '137',
    '404 {"message":"No such container: service"}',
    '404 {"message":"No such image: nothing"}',
  ]);
});

withTestcontainers('testcontainers starts services that are asked through ports and find each other', async () => {
  assert.equal(await runClient('testcontainers', [context]), [
    '200 "page\\n"',
    '"copied" 5',
    '"a name was found"',
    '"stopped"',
  ]);
  assert.is(await daemon.must('ps', '-aq'), '');
});

test.run();

/** Returns the lines that a session has printed. */
function runClient(name: string, args: readonly string[]): Promise<readonly string[]> {
  const env = { ...process.env, DOCKER_HOST: `unix://${daemon.socket}`, TESTCONTAINERS_RYUK_DISABLED: 'true' };
  const options = { env, timeout: 60_000, killSignal: 'SIGKILL' } as const;
  const program = join(CLIENTS, `${name}-session.mjs`);
  return new Promise((done, fail) => {
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      if (error === null) done(stdout.trimEnd().split('\n'));
      else fail(new Error(`${name}: ${error.message}\n${stdout}\n${stderr}`));
    });
  });
}
