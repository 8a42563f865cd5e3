/** Images, builds, volumes and files through the daemon, with Debian's docker and a real registry. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DOCKER, startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { withNeeds } from '../../support/needs.ts';
import { startRegistry, type TestRegistry } from '../../support/registry.ts';

const test = suite('daemon: images');
const missing = existsSync(DOCKER) ? undefined : 'docker of Debian';
const asRoot = withNeeds(test, { root: true, programs: ['busybox', 'docker-registry', 'tar', 'skopeo'], missing });

let daemon: TestDaemon;
let registry: TestRegistry;
test.before(async () => {
  if (process.getuid?.() !== 0 || missing !== undefined) return;
  [daemon, registry] = await Promise.all([startDaemon('daemon-images'), startRegistry()]);
});
test.after(async () => {
  await daemon?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
});

asRoot('an image is tagged, pushed, removed and pulled again', async () => {
  const name = `${registry.host}/team/bb:1`;
  const id = (await daemon.must('image', 'inspect', '-f', '{{.Id}}', 'bb')).trim();
  await daemon.must('tag', 'bb', name);
  assert.match(
    await daemon.must('push', name),
    /The push refers to repository[\s\S]*1: digest: sha256:[0-9a-f]{64} size: \d+/,
  );
  assert.match(await daemon.must('rmi', name), /^Untagged: /);
  assert.match(
    await daemon.must('pull', name),
    /Pulling from team\/bb[\s\S]*Digest: sha256:[\s\S]*Status: Downloaded newer image/,
  );
  assert.match(await daemon.must('pull', name), /Status: Image is up to date/);
  assert.is((await daemon.must('images', '-q', '--no-trunc', name)).trim(), id);
  assert.match(await daemon.must('history', name), /CMD \["\/bin\/echo"/);
  const described = await daemon.ask('GET', `/distribution/${name}/json`);
  assert.match(
    described.body,
    /^\{"Descriptor":\{"mediaType":"application\/vnd\.oci\.image\.manifest\.v1\+json","digest":"sha256:/,
  );
  assert.match(described.body, /"Platforms":\[\{"architecture":"\w+","os":"linux"/);
  assert.is((await daemon.ask('GET', `/distribution/${registry.host}/team/none:1/json`)).status, 404);
  const unknown = await daemon.docker(['pull', `${registry.host}/team/none:1`]);
  assert.is(unknown.code, 1);
  assert.match(unknown.stderr, /manifest unknown/);
  assert.match((await daemon.docker(['image', 'inspect', 'nothing'])).stderr, /No such image: nothing/);
});

asRoot('docker run pulls what is missing', async () => {
  await daemon.must('tag', 'bb', `${registry.host}/team/run:1`);
  await daemon.must('push', `${registry.host}/team/run:1`);
  await daemon.must('rmi', `${registry.host}/team/run:1`);
  const { code, stdout, stderr } = await daemon.docker([
    'run',
    '--rm',
    '--network',
    'none',
    `${registry.host}/team/run:1`,
  ]);
  assert.is(code, 0, stderr);
  assert.is(stdout, 'from the image\n');
  assert.match(stderr, /Unable to find image[\s\S]*Status: Downloaded newer image/);
});

asRoot('save and load, and skopeo, take and give the same image', async () => {
  const file = join(daemon.store.home, 'bb.tar');
  await daemon.must('save', '-o', file, 'bb');
  assert.match(execFileSync('tar', ['tf', file]).toString(), /manifest\.json/);
  assert.match(await daemon.must('load', '-i', file), /Loaded image: bb:latest/);
  const host = ['--src-daemon-host', `unix://${daemon.socket}`];
  const target = `dir:${join(daemon.store.home, 'copied')}`;
  execFileSync('skopeo', ['--insecure-policy', 'copy', '-q', ...host, 'docker-daemon:bb:latest', target], {
    timeout: 20_000,
  });
  const { config } = JSON.parse(readFileSync(join(daemon.store.home, 'copied/manifest.json'), 'utf8')) as {
    config: { digest: string };
  };
  assert.is((await daemon.must('image', 'inspect', '-f', '{{.Id}}', 'bb')).trim(), config.digest);
});

for (const [kit, lines] of [
  ['0', /hello[\s\S]*Successfully built [0-9a-f]{12}\nSuccessfully tagged built:latest/],
  ['1', /exporting to image/],
] as const) {
  asRoot(`docker build, DOCKER_BUILDKIT=${kit}`, async () => {
    const context = join(daemon.store.home, `context-${kit}`);
    mkdirSync(context);
    writeFileSync(join(context, 'greeting'), `hello ${kit}\n`);
    writeFileSync(
      join(context, 'Dockerfile'),
      'FROM bb\nARG WHO\nLABEL who=$WHO\nCOPY greeting /\nRUN ["/bin/cat","/greeting"]\nCMD ["/bin/cat","/greeting"]\n',
    );
    const result = await daemon.docker(
      ['build', '--network', 'none', '-t', 'built', '--build-arg', 'WHO=me', context],
      '',
      {
        DOCKER_BUILDKIT: kit,
      },
    );
    assert.is(result.code, 0, result.stderr);
    assert.match(result.stdout + result.stderr, lines);
    assert.is(await daemon.must('run', '--rm', '--network', 'none', 'built'), `hello ${kit}\n`);
    assert.is((await daemon.must('image', 'inspect', '-f', '{{.Config.Labels.who}}', 'built')).trim(), 'me');
    writeFileSync(join(context, 'Dockerfile'), 'FROM bb\nRUN ["/bin/sh","-c","exit 9"]\n');
    const failed = await daemon.docker(['build', '--network', 'none', context], '', { DOCKER_BUILDKIT: kit });
    assert.is.not(failed.code, 0);
  });
}

asRoot('a build reads no file of the daemon', async () => {
  for (const path of ['/etc/passwd', '../../etc/passwd']) {
    const { status, body } = await daemon.ask('POST', `/build?dockerfile=${encodeURIComponent(path)}`);
    assert.is(status, 400);
    assert.match(body, /Forbidden path/);
  }
  assert.is((await daemon.ask('POST', `/build?remote=${encodeURIComponent('/etc')}`)).status, 400);
});

asRoot('volumes and networks are made, used and removed', async () => {
  await daemon.must('volume', 'create', '--label', 'a=b', 'kept');
  const run = ['run', '--rm', '--network', 'none', '-v', 'kept:/data', 'bb'];
  await daemon.must(...run, 'sh', '-c', 'echo kept > /data/file');
  assert.is(await daemon.must(...run, 'cat', '/data/file'), 'kept\n');
  assert.is(await daemon.must('volume', 'ls', '-q', '--filter', 'label=a=b'), 'kept\n');
  await daemon.must('volume', 'rm', 'kept');
  assert.is((await daemon.ask('GET', '/volumes/kept')).status, 404);
  assert.equal((await daemon.must('network', 'ls', '--format', '{{.Name}}')).split('\n').sort().slice(1), [
    'bridge',
    'host',
    'none',
  ]);
});

asRoot('exec, cp, diff and commit work on a running container', async () => {
  await daemon.must('run', '-d', '--name', 'busy', '--network', 'none', 'bb', 'sleep', '100');
  assert.is((await daemon.docker(['exec', '-i', 'busy', 'cat'], 'typed')).stdout, 'typed');
  assert.is((await daemon.docker(['exec', 'busy', 'sh', '-c', 'exit 5'])).code, 5);
  const unknown = await daemon.docker(['exec', 'busy', 'nosuch']);
  assert.is(unknown.code, 127);
  assert.match(unknown.stdout, /not found/);
  writeFileSync(join(daemon.store.home, 'file'), 'copied\n');
  await daemon.must('cp', join(daemon.store.home, 'file'), 'busy:/tmp/file');
  assert.is(await daemon.must('exec', 'busy', 'cat', '/tmp/file'), 'copied\n');
  await daemon.must('cp', 'busy:/tmp/file', join(daemon.store.home, 'back'));
  assert.is(readFileSync(join(daemon.store.home, 'back'), 'utf8'), 'copied\n');
  assert.match(await daemon.must('diff', 'busy'), /A \/tmp\/file/);
  await daemon.must('commit', 'busy', 'committed');
  assert.is(await daemon.must('run', '--rm', '--network', 'none', 'committed', 'cat', '/tmp/file'), 'copied\n');
  await daemon.must('rm', '-f', 'busy');
  assert.match(await daemon.must('system', 'df'), /Images +\d/);
});

test.run();
