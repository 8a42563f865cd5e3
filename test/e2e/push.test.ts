import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startDockerd } from '../support/dockerd.ts';
import { mkimageIn, succeed } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { REGISTRY_PROGRAM, startRegistry } from '../support/registry.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('pushed images');
const needing = (...programs: readonly string[]) => withNeeds(test, { programs: [REGISTRY_PROGRAM, ...programs] });
const root = tempDir('push');
const mkimage = mkimageIn(join(root, 'store'));

/** A context with a build file and two files of random bytes. */
function contextOf(name: string, buildFile: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [number, file] of ['one', 'two'].entries())
    writeFileSync(join(folder, file), Buffer.alloc(90_000, number));
  writeFileSync(join(folder, 'Dockerfile'), buildFile);
  return folder;
}

async function done(args: readonly string[]): Promise<string> {
  const result = await mkimage(args);
  assert.is(result.code, 0, result.stderr);
  return result.stdout;
}

const simple = contextOf('simple', 'FROM scratch\nCOPY one /one\nCOPY two /two\nCMD ["/one"]\n');
const inspect = (name: string) => succeed('skopeo', ['inspect', '--tls-verify=false', `docker://${name}`]);
const digestOf = async (name: string) => JSON.parse(await inspect(name)).Digest as string;

needing('skopeo')('`build --push`, `push` and a second push give one digest, which skopeo finds', async () => {
  await using registry = await startRegistry();
  const name = `${registry.host}/team/app`;
  const files = { digest: join(root, 'digest'), metadata: join(root, 'metadata.json'), iid: join(root, 'iid') };
  const flags = ['--digest-file', files.digest, '--metadata-file', files.metadata, '--iidfile', files.iid];
  await done(['build', '--push', '-t', `${name}:1`, '-t', `${name}:2`, ...flags, simple]);
  const digest = readFileSync(files.digest, 'utf8');
  for (const tag of ['1', '2']) assert.is(await digestOf(`${name}:${tag}`), digest);
  const metadata = JSON.parse(readFileSync(files.metadata, 'utf8'));
  assert.is(metadata['containerimage.digest'], digest);
  assert.is(metadata['containerimage.descriptor'].digest, digest);
  assert.is(metadata['image.name'], `${name}:1,${name}:2`);
  assert.is(metadata['containerimage.config.digest'], readFileSync(files.iid, 'utf8'));

  const again = await done(['push', `${name}:1`]);
  assert.match(again, new RegExp(`^The push refers to repository \\[${name}\\]\n`));
  assert.is(again.match(/^[0-9a-f]{12}: Layer already exists$/gm)?.length, 2);
  assert.match(again, new RegExp(`^1: digest: ${digest} size: \\d+$`, 'm'));

  await done(['build', '-q', '-t', `${name}:plain`, simple]);
  assert.match(await done(['push', `${name}:plain`]), new RegExp(`^plain: digest: ${digest} `, 'm'));
  assert.is(await done(['push', '-q', '-a', name]), ['1', '2', 'plain'].map((tag) => `${name}:${tag}\n`).join(''));
});

needing('skopeo')('one build pushes to several registries, by digest only if it is asked to', async () => {
  await using one = await startRegistry();
  await using two = await startRegistry();
  const names = [`${one.host}/a`, `${one.host}/b`, `${two.host}/c`];
  await done(['build', '-t', names[0]!, '-o', `type=registry,"name=${names[1]},${names[2]}"`, simple]);
  const digests = await Promise.all(names.map((name) => digestOf(`${name}:latest`)));
  assert.is(new Set(digests).size, 1);

  const metadata = join(root, 'by-digest.json');
  const output = `type=image,name=${one.host}/quiet,push-by-digest=true,name-canonical=true,push=true`;
  await done(['build', '-o', output, '--metadata-file', metadata, simple]);
  const { 'containerimage.digest': digest, 'image.name': name } = JSON.parse(readFileSync(metadata, 'utf8'));
  assert.is(digest, digests[0]);
  assert.is(name, `${one.host}/quiet`);
  await succeed('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${one.host}/quiet@${digest}`]);
  const tags = await mkimage(['pull', `${one.host}/quiet:latest`]);
  assert.match(tags.stderr, /manifest unknown/);
  assert.match(await done(['images', '--digests']), new RegExp(`${one.host}/quiet .*${digest.slice(7, 19)}`));
});

needing('skopeo')('an index goes with all its platforms, and `--platform` pushes one of them', async () => {
  await using registry = await startRegistry();
  const name = `${registry.host}/multi`;
  await done(['build', '--push', '--platform', 'linux/amd64,linux/arm64', '-t', `${name}:all`, simple]);
  const raw = JSON.parse(await succeed('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${name}:all`]));
  assert.is(raw.manifests.length, 2);
  for (const architecture of ['amd64', 'arm64']) {
    const asked = [
      '--override-arch',
      architecture,
      'inspect',
      '--config',
      '--tls-verify=false',
      `docker://${name}:all`,
    ];
    assert.is(JSON.parse(await succeed('skopeo', asked)).architecture, architecture);
  }
  await done(['tag', `${name}:all`, `${name}:arm`]);
  await done(['push', '--platform', 'linux/arm64', `${name}:arm`]);
  assert.is(await digestOf(`${name}:arm`), raw.manifests[1].digest);
});

needing('podman')('Podman pulls the image with the same digest', async () => {
  await using registry = await startRegistry();
  const name = `${registry.host}/team/app:1`;
  const files = ['--digest-file', join(root, 'pulled')];
  await done(['build', '--push', '-t', name, ...files, simple]);
  const digest = readFileSync(join(root, 'pulled'), 'utf8');

  const home = tempDir('podman');
  const own = ['--root', `${home}/root`, '--runroot', `${home}/run`, '--storage-driver', 'vfs'];
  const podman = (...args: readonly string[]) => execFileSync('podman', [...own, ...args], { encoding: 'utf8' });
  podman('pull', '-q', '--tls-verify=false', name);
  assert.is(podman('image', 'inspect', '-f', '{{.Digest}}', name).trim(), digest);
  const mounted = podman('image', 'mount', name).trim();
  assert.equal(readFileSync(join(mounted, 'two')), readFileSync(join(simple, 'two')));
  podman('image', 'umount', '--all');
});

withNeeds(test, { root: true, programs: [REGISTRY_PROGRAM, 'docker', 'dockerd'] })(
  'Docker pulls the image with the same digest',
  async () => {
    await using dockerd = await startDockerd();
    if (dockerd === undefined) return console.log('SKIPPED "Docker pulls the image": dockerd does not start here');
    await using registry = await startRegistry();
    const name = `${registry.host}/team/app:1`;
    const file = join(root, 'docker-digest');
    await done(['build', '--push', '-t', name, '--digest-file', file, simple]);
    assert.match(dockerd.docker('pull', name), new RegExp(`Digest: ${readFileSync(file, 'utf8')}`));
  },
);

needing()('without a name, and without the right to push, a build ends before its steps', async () => {
  const nameless = await mkimage(['build', '--push', simple]);
  assert.is(nameless.code, 2);
  assert.match(nameless.stderr, /tag is needed when pushing to registry/);

  const htpasswd = 'user:$2y$04$1bihrk7dOewgZWRVyYCOPe3NJffiD5Lzy7d/UR4owPH.JrPa7GgCq\n';
  await using registry = await startRegistry({ htpasswd, authorization: `Basic ${btoa('user:secret')}` });
  const refused = await mkimage(['build', '--push', '-t', `${registry.host}/app`, simple]);
  assert.is(refused.code, 5);
  assert.match(refused.stderr, /push to `localhost:\d+\/app`: unauthorized: authentication required/);
  assert.match(refused.stderr, /hint: .*`mkimage login localhost:\d+`/);
});

test.run();
