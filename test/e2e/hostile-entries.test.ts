/** Each hostile archive on every way into a build: nothing outside the image changes, and what is refused is refused with a clear error. */
import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, encodedOf, formatCanonicalJson } from '../../src/oci/index.ts';
import { HOSTILE_ARCHIVES } from '../layer/hostile-archives.ts';
import { tarOf as layerOf } from '../layer/tar-samples.ts';
import { annotated, BlobItems, layoutItems } from '../support/image-archives.ts';
import { putImage } from '../support/images.ts';
import { type CommandResult, mkimageIn } from '../support/mkimage.ts';
import { programPath, withNeeds } from '../support/needs.ts';
import { serveImages } from '../support/served-images.ts';
import { type TarItem, tarOf } from '../support/tar-file.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('hostile archives on every way in');
const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
const base = tempDir('hostile-entries');
const folder = join(base, 'app');
const out = join(base, 'out');
const store = join(base, 'store');
const mkimage = mkimageIn(store, { cwd: base });
mkdirSync(folder);

const archives = HOSTILE_ARCHIVES.map(({ samples, ...archive }, index) => ({
  ...archive,
  index,
  bytes: layerOf(samples(base)),
  /** Names for deletions mean something in a layer only. */
  hasMarks: samples(base).some(({ path, type }) => path.includes('.wh.') || type === 'char'),
}));
type Archive = (typeof archives)[number];
const accepted = archives.filter(({ outcome }) => outcome !== 'refused');
const files = accepted.filter(({ hasMarks }) => !hasMarks);
const refused = archives.filter(({ outcome }) => outcome === 'refused');

/** Files beside everything: absolute names and links lead there, and `..` from the folders that are unpacked into. */
const canaries = [base, folder, store].map((place) => join(place, 'canary'));
for (const canary of canaries) {
  mkdirSync(join(canary, 'dir'), { recursive: true });
  writeFileSync(join(canary, 'file'), 'tweet');
  writeFileSync(join(canary, 'dir/inner'), 'chirp');
}
const before = canaries.map(describe);

/** Identity, attributes and content of all that lies in a canary. */
function describe(canary: string): readonly string[] {
  return ['.', ...readdirSync(canary, { recursive: true }).map(String).sort()].map((name) => {
    const stats = lstatSync(join(canary, name), { bigint: true });
    const content = stats.isFile() ? readFileSync(join(canary, name), 'utf8') : '';
    return [name, stats.ino, stats.mode, stats.uid, stats.nlink, stats.mtimeNs, stats.ctimeNs, content].join(' ');
  });
}

/** All paths below a folder; no link is followed. */
function pathsIn(place: string, inside = ''): readonly string[] {
  return readdirSync(join(place, inside), { withFileTypes: true }).flatMap((entry) => {
    const path = join(inside, entry.name);
    return entry.isDirectory() ? [path, ...pathsIn(place, path)] : [path];
  });
}

function assertUntouched(): void {
  assert.equal(canaries.map(describe), before, 'something outside was changed');
  const strays = pathsIn(store).filter((path) => /(?!^)\/canary$/.test(path) && !path.includes('/fs/'));
  assert.equal(strays, [], 'something was written beside the unpacked layers');
}

/** Where nothing is unpacked, links that lead nowhere do no harm. What is refused is so with a clear error. */
function assertHarmless({ name }: Archive, { code, stderr }: CommandResult): void {
  if (code === 0) return;
  assert.ok(code === 1 || code === 2 || code === 4, `${name}: exit code ${code}, ${stderr}`);
  assert.match(stderr, /^error: /m, name);
  assert.not.match(stderr, /internal error|\n {4}at /, name);
}

/** Builds an image that holds the files of each archive in a folder of its own, and writes it out. `from` begins the stage of one. */
async function buildOf(some: readonly Archive[], from: (archive: Archive) => string): Promise<CommandResult> {
  rmSync(out, { recursive: true, force: true });
  const stages = some.map((archive) => `${from(archive)}\nCOPY marker /marker\n`);
  const copies = some.map(({ index }) => `COPY --from=s${index} / /${index}/\n`);
  writeFileSync(join(folder, 'Dockerfile'), [...stages, 'FROM scratch\n', ...copies].join(''));
  return mkimage(['build', '-q', '-o', `type=local,dest=${out}`, folder]);
}

/** `whole`: what this way in takes. That is built at once, the others one by one. */
async function enter(whole: readonly Archive[], from: (archive: Archive) => string): Promise<void> {
  const { code, stderr } = await buildOf(whole, from);
  assert.is(code, 0, stderr);
  assert.not.match(stderr, /Warning/);
  assertUntouched();
  assert.equal(readdirSync(out).sort(), whole.map(({ index }) => String(index)).sort());
  for (const { index } of whole) assert.is(readFileSync(join(out, String(index), 'marker'), 'utf8'), 'm');
  for (const archive of archives) if (!whole.includes(archive)) assertHarmless(archive, await buildOf([archive], from));
  assertUntouched();
}

writeFileSync(join(folder, 'marker'), 'm');

test('there are at least 60 of them', () => assert.ok(archives.length >= 60 && refused.length >= 15));

test('by ADD', async () => {
  for (const { index, bytes } of archives) writeFileSync(join(folder, `${index}.tar`), bytes);
  await enter(files, ({ index }) => `FROM scratch AS s${index}\nADD ${index}.tar /`);
});

test('as a layer of a base image in an OCI archive', async () => {
  const blobs = new BlobItems();
  const entries = archives.map(({ index, bytes }) =>
    annotated(putImage(blobs, { label: `oci ${index}`, layers: [bytes], compression: 'gzip' }), {
      'io.containerd.image.name': `docker.io/library/oci:${index}`,
    }),
  );
  await load([...layoutItems(entries), ...blobs.items()]);
  await enter(accepted, ({ index }) => `FROM oci:${index} AS s${index}`);
});

test('as a layer of a base image in a docker-archive', async () => {
  const images = archives.map(({ index, bytes }) => {
    const config = formatCanonicalJson({
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { index: String(index) } },
      rootfs: { type: 'layers', diff_ids: [digestOf(bytes)] },
    });
    return { config, bytes, index, id: encodedOf(digestOf(config)) };
  });
  const manifest = images.map(({ id, index }) => ({
    Config: `${id}.json`,
    RepoTags: [`docker:${index}`],
    Layers: [`${id}/layer.tar`],
  }));
  const blobs = images.flatMap(({ config, bytes, id }): readonly TarItem[] => [
    { path: `${id}.json`, bytes: config },
    { path: `${id}/layer.tar`, bytes },
  ]);
  await load([...blobs, { path: 'manifest.json', bytes: JSON.stringify(manifest) }]);
  await enter(accepted, ({ index }) => `FROM docker:${index} AS s${index}`);
});

async function load(items: readonly TarItem[]): Promise<void> {
  writeFileSync(join(base, 'images.tar'), tarOf(items));
  const { code, stderr } = await mkimage(['load', '-q', '-i', join(base, 'images.tar')]);
  assert.is(code, 0, stderr);
}

test('as a layer of a base image of a registry', async () => {
  await using registry = await serveImages();
  for (const { index, bytes } of archives) {
    registry.tag(
      `pulled:${index}`,
      putImage(registry, { label: `pulled ${index}`, layers: [bytes], compression: 'gzip' }),
    );
  }
  await enter(accepted, ({ index }) => `FROM ${registry.host}/pulled:${index} AS s${index}`);
});

test('as a context on standard input', async () => {
  for (const archive of archives) {
    rmSync(out, { recursive: true, force: true });
    const dockerfile = tarOf([{ path: 'Dockerfile.own', bytes: 'FROM scratch\nCOPY . /\n' }]).subarray(0, 1024);
    const args = ['build', '-q', '-f', 'Dockerfile.own', '-o', `type=local,dest=${out}`, '-'];
    const result = await mkimage(args, { input: Buffer.concat([dockerfile, archive.bytes]) });
    assertHarmless(archive, result);
  }
  assertUntouched();
});

asRoot('as the root of a step', async () => {
  copyFileSync(programPath('busybox')!, join(folder, 'busybox'));
  const step = 'RUN --mount=type=bind,source=busybox,target=/own/busybox ["/own/busybox", "true"]';
  const { code, stderr } = await buildOf(
    files,
    ({ index }) => `FROM scratch AS s${index}\nADD ${index}.tar /\n${step}`,
  );
  assert.is(code, 0, stderr);
  assertUntouched();
  for (const archive of refused) {
    const result = await buildOf([archive], ({ index }) => `FROM oci:${index} AS s${index}\n${step}`);
    assert.is(result.code, 1, `${archive.name} ${result.stderr}`);
    assertHarmless(archive, result);
  }
  assertUntouched();
});

test.run();
