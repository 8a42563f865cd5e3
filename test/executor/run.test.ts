import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import type { SandboxSpec } from '../../src/sandbox/index.ts';
import { type Building, SETTINGS, workshop } from '../fakes/executor-services.ts';
import type { Program } from '../fakes/memory-roots.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('RUN');

/** What the sandbox was told of the last RUN of a build file. */
async function specOf(text: string, more: Building = {}, program?: Program): Promise<SandboxSpec> {
  const shop = workshop(program);
  await shop.build(text, more);
  return shop.roots.specs.at(-1)!;
}

/** A root with these accounts. */
const ACCOUNTS = `FROM scratch
COPY <<EOF /etc/passwd
app:x:1000:2000::/home/app:/bin/sh
EOF
COPY <<EOF /etc/group
staff:x:50:app
EOF
`;

test('keeps what the command changed, in a snapshot that is committed under the new chain', async () => {
  const shop = workshop();
  const { files } = await shop.build('FROM scratch\nRUN put a one\n');
  assert.equal(files, ['a: one']);
  assert.equal(shop.roots.log, ['prepare 0', 'run put a one', 'look', 'commit', 'drop']);
});

test('that changed nothing adds no layer and commits nothing', async () => {
  const shop = workshop();
  const { chain } = await shop.build('FROM scratch\nRUN nothing\n');
  assert.is(chain.layers.length, 0);
  assert.equal(shop.roots.log, ['prepare 0', 'run nothing', 'look', 'drop']);
});

test('that made what the cache has already commits no snapshot with the times of now', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nRUN put a one\n';
  await shop.build(text);
  await shop.build(text, { services: { skipsCache: () => true } });
  assert.is(shop.roots.log.filter((line) => line === 'commit').length, 1);
});

test('sees the environment of ENV, ARG and the proxies, in this order, and HOME at the end', async () => {
  const text = 'FROM scratch\nENV Z=1\nARG B=2\nENV A=3\nRUN nothing\n';
  const { process } = await specOf(text, { plan: { buildArgs: { HTTP_PROXY: 'http://p' } } });
  const names = process.env.map((pair) => pair.split('=')[0]);
  assert.is(names.at(-1), 'HOME');
  const [z, a, proxy] = ['Z', 'A', 'HTTP_PROXY'].map((name) => names.indexOf(name));
  assert.ok(names.includes('B') && names.includes('PATH'));
  assert.ok(z! < a! && a! < proxy!, names.join());
});

test('takes the value of a secret for a variable in place of that of ENV', async () => {
  const text = 'FROM scratch\nENV TOKEN=public\nRUN --mount=type=secret,id=t,env=TOKEN env TOKEN\n';
  const secrets = { secret: async () => Buffer.from('hidden-value'), sshAgent: async () => undefined };
  const shop = workshop();
  const { events } = await shop.build(text, { services: { secrets } });
  const env = shop.roots.specs[0]!.process.env.filter((pair) => pair.startsWith('TOKEN='));
  assert.equal(env, ['TOKEN=hidden-value']);
  assert.equal(
    events.flatMap((event) => (event.type === 'step-output' ? [event.text] : [])),
    ['TOKEN=***\n'],
  );
});

test('is its user, whom it looks up in the root before the step', async () => {
  const { process } = await specOf(`${ACCOUNTS}USER app\nRUN nothing\n`);
  assert.equal([process.uid, process.gid, process.additionalGids], [1000, 2000, [2000, 50]]);
  assert.ok(process.env.includes('HOME=/home/app'));
  const { process: numeric } = await specOf('FROM scratch\nUSER 7:8\nRUN nothing\n');
  assert.equal([numeric.uid, numeric.gid, numeric.additionalGids], [7, 8, [8]]);
});

test('has directory, limits and names of the build', async () => {
  const settings = {
    ...SETTINGS,
    ulimits: [{ name: 'nofile', soft: 1, hard: 2 }],
    resolvConf: 'nameserver 192.0.2.1\n',
  };
  const spec = await specOf('FROM scratch\nWORKDIR /srv\nRUN nothing\n', { services: { settings } });
  const { cwd, ulimits, shmSize, hostname } = spec.process;
  assert.equal(
    { cwd, ulimits, shmSize, hostname },
    { cwd: '/srv', ulimits: settings.ulimits, shmSize: 1 << 20, hostname: 'step' },
  );
  assert.equal([spec.hosts, spec.resolvConf], [SETTINGS.hosts, settings.resolvConf]);
  assert.match(spec.id, /^mkimage-\d+-0-3$/);
});

for (const [ofStep, ofBuild, expected] of [
  ['', 'default', 'host'],
  ['', 'none', 'none'],
  ['--network=none ', 'host', 'none'],
  ['--network=host ', 'none', 'host'],
] as const) {
  test(`with \`${ofStep}\` in a build with --network=${ofBuild} has the network ${expected}`, async () => {
    const settings = { ...SETTINGS, network: ofBuild };
    const { process } = await specOf(`FROM scratch\nRUN ${ofStep}nothing\n`, { services: { settings } });
    assert.is(process.network, expected);
  });
}

test('leaves mount points that were made for it out of the layer', async () => {
  const program: Program = () => ({
    changes: ['cache', 'kept'].map((path) => ({
      kind: 'put',
      entry: { path, type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 },
    })),
  });
  const { files } = await workshop(program).build('FROM scratch\nRUN --mount=type=tmpfs,target=/cache x\n');
  assert.equal(files, ['kept/']);
});

test('writes all that it prints to its log, and nothing that is secret', async () => {
  const shop = workshop();
  const secrets = { secret: async () => Buffer.from('hunter22'), sshAgent: async () => undefined };
  const text = 'FROM scratch\nRUN --mount=type=secret,id=t say my hunter22 is safe; fail 1\n';
  const error = await rejects(shop.build(text, { services: { secrets } }), 'step-failed');
  const log = readFileSync(join(shop.services.logs, `${shop.roots.specs[0]!.id}.log`), 'utf8');
  assert.ok(log.includes('my *** is safe'), log);
  assert.not(JSON.stringify(error.evidence).includes('hunter22'));
});

test('that prints nothing has no log', async () => {
  const shop = workshop();
  await shop.build('FROM scratch\nRUN nothing\n');
  assert.not(existsSync(join(shop.services.logs, `${shop.roots.specs[0]!.id}.log`)));
});

test('that is killed says by what', async () => {
  const shop = workshop(() => ({ code: 137, signal: 'SIGKILL' }));
  await rejects(shop.build('FROM scratch\nRUN x\n'), 'step-failed', /killed by SIGKILL$/);
});

test('on damaged base files fails for that reason, whatever its result is', async () => {
  for (const command of ['put a one', 'fail 1']) {
    const shop = workshop();
    shop.roots.fault = new MkimageError('integrity', 'the layer is damaged');
    await rejects(shop.build(`FROM scratch\nRUN ${command}\n`), 'integrity', /the layer is damaged/);
    assert.not(shop.roots.log.includes('commit'));
  }
});

test('is ended when its log cannot be written', async () => {
  const shop = workshop();
  const services = { logs: '/dev/null/logs' };
  await rejects(shop.build('FROM scratch\nRUN say x\n', { services }), 'store', /write log/);
  assert.ok(shop.roots.log.includes('kill'));
});

test('that cannot be started leaves nothing', async () => {
  const shop = workshop(() => {
    throw new MkimageError('sandbox', 'there is no sandbox');
  });
  await rejects(shop.build('FROM scratch\nRUN x\n'), 'sandbox');
  assert.is(shop.roots.log.at(-1), 'drop');
});

test.run();
