import { PassThrough } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prepareMounts } from '../../src/executor/run/mounts.ts';
import type { MountContext } from '../../src/executor/run/run-context.ts';
import { quietCall } from '../../src/progress.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('mounts of a step');
const root = tempDir('mounts');

const AGENT = { connect: () => new PassThrough() };

const ssh = (id: string, target: string) =>
  ({ type: 'ssh', id, target, required: false, mode: 0o600, uid: 0, gid: 0 }) as const;

/** The variables that a step gets for these agents; all but `none` are there. */
async function variablesFor(mounts: readonly ReturnType<typeof ssh>[], env: readonly string[] = []) {
  const run = {
    call: quietCall(),
    step: { mounts, env, unkeyedEnv: [], scripts: [] },
    services: {
      settings: { authorities: [] },
      secrets: { sshAgent: async (id: string) => (id === 'none' ? undefined : AGENT), secret: async () => undefined },
    },
  } as unknown as MountContext;
  await using ready = await prepareMounts(run, root);
  return ready.env;
}

test('SSH_AUTH_SOCK is the first agent that is there', async () => {
  assert.equal(await variablesFor([ssh('a', '/1'), ssh('b', '/2')]), ['SSH_AUTH_SOCK=/1']);
  assert.equal(await variablesFor([ssh('none', '/1'), ssh('b', '/2')]), ['SSH_AUTH_SOCK=/2']);
  assert.equal(await variablesFor([ssh('none', '/1')]), []);
});

test('a SSH_AUTH_SOCK of the build file stays', async () => {
  assert.equal(await variablesFor([ssh('a', '/1')], ['SSH_AUTH_SOCK=/mine']), []);
});

test.run();
