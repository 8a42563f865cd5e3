import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ArchivedImage, writeImages } from '../../src/exporter/image-archive.ts';
import { writeLayout } from '../../src/exporter/image-layout.ts';
import { storedImage } from '../../src/exporter/stored-image.ts';
import { digestOf, encodedOf } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { startDockerd } from '../support/dockerd.ts';
import { putImage, putIndex } from '../support/images.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('image archives');
const call = createQuietCall();
const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };
const names = ['docker.io/library/app:v1', 'example.com/team/app:latest'];
const home = tempDir('image-archive');
const store = LayoutStore.open(join(home, 'store'));
const noStdout = () => new Writable();

function place(): string {
  return mkdtempSync(join(home, 'place-'));
}

/** An image with a real root filesystem in two layers: busybox, and a file. */
function busyboxImage(): Promise<ArchivedImage> {
  const layers = [
    tarOf((root) => {
      mkdirSync(join(root, 'bin'));
      execFileSync('cp', [programPath('busybox')!, join(root, 'bin', 'busybox')]);
      symlinkSync('busybox', join(root, 'bin', 'sh'));
    }),
    tarOf((root) => writeFileSync(join(root, 'hello'), 'hello\n')),
  ];
  return storedImage(store, putImage(store, { label: 'busybox', layers, compression: 'gzip' }), {
    names,
    platform: amd64,
  });
}

function tarOf(fill: (root: string) => void): Buffer {
  const root = place();
  fill(root);
  return execFileSync('tar', ['-C', root, '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '-cf', '-', '.'], {
    maxBuffer: 64 << 20,
  });
}

async function archived(images: readonly ArchivedImage[]): Promise<string> {
  const dest = join(place(), 'app.tar');
  await writeImages(images, { dest, stdout: noStdout, step: 'export/0' }, call);
  return dest;
}

function entriesOf(tar: string): readonly string[] {
  return execFileSync('tar', ['-tf', tar], { encoding: 'utf8' }).trim().split('\n');
}

function jsonIn(tar: string, path: string) {
  return JSON.parse(execFileSync('tar', ['-xOf', tar, path], { encoding: 'utf8' }));
}

test('writes the same bytes for the same images', async () => {
  const target = putImage(store, { label: 'same' });
  const [first, second] = [
    await archived([await storedImage(store, target, { names, platform: amd64 })]),
    await archived([await storedImage(store, target, { names, platform: amd64 })]),
  ];
  assert.is(digestOf(readFileSync(first)), digestOf(readFileSync(second)));
});

test('is an OCI layout and a docker-archive at once, with every blob once', async () => {
  const layer = Buffer.from('shared');
  const [a, b] = [
    await storedImage(store, putImage(store, { label: 'a', layers: [layer, layer] }), {
      names: [names[0]!],
      platform: amd64,
    }),
    await storedImage(store, putImage(store, { label: 'b', layers: [layer] }), { names: [names[1]!], platform: amd64 }),
  ];
  const tar = await archived([a, b]);
  const entries = entriesOf(tar);
  assert.equal(entries.slice(0, 5), ['oci-layout', 'index.json', 'manifest.json', 'blobs/', 'blobs/sha256/']);
  const blobs = entries.slice(5);
  assert.equal(blobs, [...new Set(blobs)].sort());
  assert.is(blobs.length, 5, 'one layer, two configs, two manifests');
  for (const path of blobs) {
    const bytes = execFileSync('tar', ['-xOf', tar, path]);
    assert.is(path, `blobs/sha256/${encodedOf(digestOf(bytes))}`);
  }
  assert.equal(
    jsonIn(tar, 'index.json').manifests.map((entry: { annotations: unknown }) => entry.annotations),
    [
      { 'io.containerd.image.name': names[0], 'org.opencontainers.image.ref.name': 'v1' },
      { 'io.containerd.image.name': names[1], 'org.opencontainers.image.ref.name': 'latest' },
    ],
  );
  const docker = jsonIn(tar, 'manifest.json');
  assert.equal(docker[0].RepoTags, ['app:v1']);
  assert.equal(docker[0].Layers, Array(2).fill(`blobs/sha256/${encodedOf(digestOf(layer))}`));
  assert.equal(docker[1].RepoTags, ['example.com/team/app:latest']);
});

test('lists an image without a name once, and one with several names under each', async () => {
  const target = putImage(store, { label: 'names' });
  const nameless = await archived([await storedImage(store, target, { names: [], platform: amd64 })]);
  assert.equal(jsonIn(nameless, 'index.json').manifests, [target]);
  assert.equal(jsonIn(nameless, 'manifest.json')[0].RepoTags, []);
  const named = await archived([await storedImage(store, target, { names, platform: amd64 })]);
  assert.is(jsonIn(named, 'index.json').manifests.length, 2);
});

test('takes of an index the platforms that are there, and gives Docker the wanted one', async () => {
  const index = putIndex(store, 'multi', [amd64, arm64]);
  const both = await storedImage(store, index, { names, platform: arm64 });
  assert.is(both.blobs.length, 7, 'the index, and manifest, config and layer of each');
  const config = JSON.parse(readFileSync(store.blobPath(both.docker!.config), 'utf8'));
  assert.is(config.architecture, 'arm64');

  const scarce = LayoutStore.open(join(place(), 'store'));
  scarce.putSmall(index.mediaType, store.readSmall(index));
  const none = await storedImage(scarce, index, { names, platform: amd64 });
  assert.is(none.docker, undefined);
  assert.is(none.blobs.length, 1);
});

test('does not save half an image', async () => {
  const scarce = LayoutStore.open(join(place(), 'store'));
  const target = putImage(store, { label: 'half' });
  scarce.putSmall(target.mediaType, store.readSmall(target));
  await rejects(storedImage(scarce, target, { names, platform: amd64 }), 'not-found', /is not in the store/);
});

test('leaves no file behind when a blob is not what it should be', async () => {
  const image = await storedImage(store, putImage(store, { label: 'torn' }), { names, platform: amd64 });
  const torn = { ...image, blobs: image.blobs.map((blob) => ({ ...blob, size: blob.size + 1 })) };
  const directory = place();
  writeFileSync(join(directory, 'app.tar'), 'what was there before');
  const target = { dest: join(directory, 'app.tar'), stdout: noStdout, step: 'export/0' };
  await rejects(writeImages([torn], target, call), 'integrity', /instead of/);
  assert.equal(readdirSync(directory), ['app.tar']);
  assert.is(readFileSync(target.dest, 'utf8'), 'what was there before');
});

test('says that a blob is missing, not the place', async () => {
  const image = await storedImage(store, putImage(store, { label: 'missing' }), { names, platform: amd64 });
  const source = { kind: 'file' as const, path: store.blobPath(digestOf('nowhere')) };
  const missing = { ...image, blobs: image.blobs.map((blob) => ({ ...blob, source })) };
  const directory = place();
  const target = { dest: join(directory, 'app.tar'), stdout: noStdout, step: 'export/0' };
  await rejects(writeImages([missing], target, call), 'not-found', /not in the store/);
  await rejects(
    writeLayout([missing], { dest: join(directory, 'layout'), step: 'export/0' }, call),
    'not-found',
    /not in the store/,
  );
});

test('stops when cancelled and leaves no file behind', async () => {
  const image = await storedImage(store, putImage(store, { label: 'cancelled' }), { names, platform: amd64 });
  const directory = place();
  const cancelled = { ...call, signal: AbortSignal.abort() };
  const target = { dest: join(directory, 'app.tar'), stdout: noStdout, step: 'export/0' };
  await rejects(writeImages([image], target, cancelled), 'cancelled');
  assert.equal(readdirSync(directory), []);
});

test('says what is wrong with the place', async () => {
  const image = await storedImage(store, putImage(store, { label: 'place' }), { names, platform: amd64 });
  const directory = place();
  const to = (dest: string) => writeImages([image], { dest, stdout: noStdout, step: 'export/0' }, call);
  await rejects(to(join(directory, 'no', 'app.tar')), 'usage', /directory does not exist/);
  await rejects(to(directory), 'usage', /it is a directory/);
});

test('replaces what a symbolic link leads to, and writes into what is no regular file', async () => {
  const image = await storedImage(store, putImage(store, { label: 'link' }), { names, platform: amd64 });
  const directory = place();
  writeFileSync(join(directory, 'real.tar'), 'old');
  symlinkSync('real.tar', join(directory, 'link.tar'));
  await writeImages([image], { dest: join(directory, 'link.tar'), stdout: noStdout, step: 'export/0' }, call);
  assert.ok(statSync(join(directory, 'real.tar')).size > 3);
  assert.equal(readdirSync(directory).sort(), ['link.tar', 'real.tar']);
  await writeImages([image], { dest: '/dev/null', stdout: noStdout, step: 'export/0' }, call);
  assert.ok(statSync('/dev/null').isCharacterDevice());
});

test('writes to a slow reader of stdout all it should, and stops when there is none', async () => {
  const image = await storedImage(store, putImage(store, { label: 'stdout', layers: [Buffer.alloc(5 << 20, 5)] }), {
    names,
    platform: amd64,
  });
  const chunks: Buffer[] = [];
  const slow = new Writable({
    highWaterMark: 1024,
    write(chunk, _encoding, done) {
      chunks.push(chunk);
      setTimeout(done, 1);
    },
  });
  await writeImages([image], { dest: '-', stdout: () => slow, step: 'export/0' }, call);
  assert.is(digestOf(Buffer.concat(chunks)), digestOf(readFileSync(await archived([image]))));

  const closed = new PassThrough();
  closed.destroy();
  await rejects(writeImages([image], { dest: '-', stdout: () => closed, step: 'export/0' }, call), 'store');
});

test('adds to a layout directory what is new and keeps the other images in it', async () => {
  const directory = join(place(), 'layout');
  const [old, young, other] = [
    await storedImage(store, putImage(store, { label: 'old' }), { names: [names[0]!], platform: amd64 }),
    await storedImage(store, putImage(store, { label: 'young' }), { names: [names[0]!], platform: amd64 }),
    await storedImage(store, putImage(store, { label: 'other' }), { names: [names[1]!], platform: amd64 }),
  ];
  for (const image of [old, other, young]) await writeLayout([image], { dest: directory, step: 'export/0' }, call);
  const { manifests } = JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8'));
  assert.equal(
    manifests.map(({ digest }: { digest: string }) => digest),
    [other.target.digest, young.target.digest],
  );
  assert.equal(readdirSync(directory).sort(), ['blobs', 'index.json', 'oci-layout']);
  for (const { digest } of young.blobs) {
    assert.is(digestOf(readFileSync(join(directory, 'blobs', 'sha256', encodedOf(digest)))), digest);
  }
});

const judged = (programs: readonly string[], root = false) =>
  withNeeds(test, { programs: [...programs, 'busybox', 'tar'], root });

judged(['skopeo'])('is read by skopeo as an OCI archive and as a docker-archive', async () => {
  const image = await busyboxImage();
  const tar = await archived([image]);
  const inspect = (where: string) =>
    JSON.parse(execFileSync('skopeo', ['inspect', where], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
  assert.is(inspect(`oci-archive:${tar}:v1`).Digest, image.target.digest);
  assert.is(inspect(`docker-archive:${tar}:app:v1`).Layers.length, 2);
  const copy = join(place(), 'copy');
  execFileSync('skopeo', ['copy', '--insecure-policy', `oci-archive:${tar}:latest`, `dir:${copy}`], {
    stdio: 'ignore',
  });
  assert.is(digestOf(readFileSync(join(copy, 'manifest.json'))), image.target.digest);
});

judged(['umoci'], true)('is unpacked by umoci from a layout directory', async () => {
  const layout = join(place(), 'layout');
  await writeLayout([await busyboxImage()], { dest: layout, step: 'export/0' }, call);
  const bundle = join(place(), 'bundle');
  execFileSync('umoci', ['unpack', '--image', `${layout}:v1`, bundle], { stdio: 'ignore' });
  assert.is(readFileSync(join(bundle, 'rootfs', 'hello'), 'utf8'), 'hello\n');
});

judged(['podman'], true)('is loaded by Podman under every name', async () => {
  const tar = await archived([await busyboxImage()]);
  // Podman takes no path of more than 50 characters here.
  const root = tempDir('podman');
  const podman = (...args: readonly string[]) =>
    execFileSync('podman', ['--root', `${root}/root`, '--runroot', `${root}/run`, '--storage-driver', 'vfs', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const said = podman('load', '-q', '-i', tar);
  assert.match(said, /app:v1/);
  assert.match(said, /example\.com\/team\/app:latest/);
  const mounted = podman('image', 'mount', 'example.com/team/app:latest').trim();
  assert.is(readFileSync(join(mounted, 'hello'), 'utf8'), 'hello\n');
  podman('image', 'umount', '--all');
});

judged(['dockerd', 'docker', 'ctr'], true)('is loaded and run by Docker, and imported by containerd', async () => {
  const image = await busyboxImage();
  const tar = await archived([image]);
  await using dockerd = await startDockerd();
  if (dockerd === undefined) {
    console.log('SKIPPED "is loaded and run by Docker": dockerd does not start here');
    return;
  }
  assert.match(dockerd.docker('load', '-i', tar), /app:v1/);
  assert.is(dockerd.docker('image', 'inspect', '-f', '{{.Id}}', 'app:v1').trim(), image.docker!.config);
  assert.match(
    dockerd.docker('run', '--rm', '--network', 'none', 'app:v1', '/bin/sh', '-c', 'busybox cat /hello'),
    /hello/,
  );
  dockerd.ctr('image', 'import', tar);
  assert.match(dockerd.ctr('image', 'ls', '-q'), /example\.com\/team\/app:latest/);
});

test.run();
