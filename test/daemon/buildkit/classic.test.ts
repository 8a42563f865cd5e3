import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toSolveRequest } from '../../../src/daemon/buildkit/classic/query.ts';
import { readConfig } from '../../../src/engine/config.ts';
import { inspectImages } from '../../../src/engine/images/inspect.ts';
import { openServices } from '../../../src/engine/services.ts';
import { isMkimageError } from '../../../src/errors.ts';
import { listenForBuildkit } from '../../support/buildkit-listener.ts';
import { run } from '../../support/mkimage.ts';
import { programPath, withNeeds } from '../../support/needs.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('docker 20.10 with BuildKit');

const place = tempDir('classic');
const socket = join(place, 'socket');
const services = openServices(readConfig({ MKIMAGE_ROOT: join(place, 'root') }));
const app = join(place, 'app');
let listener: AsyncDisposable;

test.before(async () => {
  mkdirSync(app);
  for (const [name, text] of Object.entries({
    Dockerfile: 'FROM scratch\nARG V\nCOPY a /\nLABEL v=$V\n',
    'Dockerfile.run': 'FROM scratch\nCOPY sh /bin/sh\nRUN exit 5\n',
    a: 'A',
  }))
    writeFileSync(join(app, name), text);
  listener = await listenForBuildkit(services, socket);
});
test.after(async () => {
  await listener[Symbol.asyncDispose]();
  await services[Symbol.asyncDispose]();
});

// Newer ones hand builds to buildx.
const docker = '/usr/bin/docker';
const needed = withNeeds(test, { programs: [docker.slice('/usr/bin/'.length)] });
const build = (args: readonly string[], input?: string | Uint8Array) =>
  run(docker, ['build', ...args], {
    cwd: app,
    env: { DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: '1', DOCKER_CONFIG: place },
    ...(input !== undefined && { input }),
  });

needed('builds with its arguments, shows progress and names the image', async () => {
  const { code, stderr } = await build(['--progress=plain', '-t', 'twenty', '--build-arg', 'V=7', '.']);
  assert.is(code, 0, stderr);
  assert.match(stderr, '[internal] load build definition from Dockerfile');
  assert.match(stderr, /COPY a \//);
  const [image] = await inspectImages(services, { images: ['twenty'], platform: undefined });
  assert.is(image?.Config.Labels?.v, '7');
});

needed('prints only the ID if it is asked to', async () => {
  const { stdout } = await build(['-q', '-t', 'quiet', '.']);
  const [image] = await inspectImages(services, { images: ['quiet'], platform: undefined });
  assert.is(stdout.trim(), image?.Id);
});

needed('sends an archive from its standard input', async () => {
  const { stdout: archive, code } = await run('tar', ['-cf', 'archive.tar', 'Dockerfile', 'a'], { cwd: app });
  assert.is(code, 0, archive);
  const { code: built, stderr } = await build(['-t', 'piped', '-'], readFileSync(join(app, 'archive.tar')));
  assert.is(built, 0, stderr);
  await inspectImages(services, { images: ['piped'], platform: undefined });
});

needed('receives files', async () => {
  const out = join(place, 'out');
  const { code, stderr } = await build(['-o', out, '.']);
  assert.is(code, 0, stderr);
  assert.is(readFileSync(join(out, 'a'), 'utf8'), 'A');
});

needed('tells why a build fails', async () => {
  copyFileSync(programPath('busybox')!, join(app, 'sh'));
  const { code, stderr } = await build(['--progress=plain', '-f', 'Dockerfile.run', '--target', 'none', '.']);
  assert.is.not(code, 0);
  assert.match(stderr, 'none');
});

test('what cannot be read in the query is refused', () => {
  const refuse = (query: string) =>
    assert.throws(
      () => toSolveRequest(new URLSearchParams(query), 'x'),
      (error: unknown) => isMkimageError(error, 'usage'),
    );
  refuse('buildargs={');
  refuse('ulimits=[');
});

test('options mean what they mean in the newer protocol', () => {
  const query = new URLSearchParams(
    'remote=client-session&t=a&t=b&nocache=1&pull=True&buildargs={"A":"1","B":null}&labels={"l":"2"}&cachefrom=["c","d"]' +
      '&networkmode=none&shmsize=1024&ulimits=[{"Name":"nofile","Soft":1,"Hard":2}]&extrahosts=h:10.0.0.1&platform=linux/arm64',
  );
  const { attributes, exporters } = toSolveRequest(query, 'x');
  assert.equal(Object.fromEntries(attributes), {
    filename: 'Dockerfile',
    platform: 'linux/arm64',
    'no-cache': '',
    'image-resolve-mode': 'pull',
    'force-network-mode': 'none',
    'shm-size': '1024',
    'add-hosts': 'h:10.0.0.1',
    ulimit: 'nofile=1:2',
    'cache-from': 'c,d',
    'build-arg:A': '1',
    'label:l': '2',
  });
  assert.equal([exporters[0]?.type, exporters[0]?.attributes.get('name')], ['moby', 'a,b']);
});

test.run();
