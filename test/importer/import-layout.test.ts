import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { importLayout } from '../../src/importer/index.ts';
import { ANNOTATION, type Descriptor, encodedOf, parseManifest } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { annotated, BlobItems, layoutItems } from '../support/image-archives.ts';
import { putImage, putIndex, putIndexBomb } from '../support/images.ts';
import { withNeeds } from '../support/needs.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('import of layout directories');
const root = tempDir('layout');
let count = 0;
const fresh = () => join(root, String(count++));
const load = (directory: string, store = LayoutStore.open(fresh())) =>
  importLayout(directory, store, createQuietCall());

/** A layout directory as another tool leaves it. */
function layoutOf(blobs: BlobItems, entries: readonly Descriptor[], without: readonly string[] = []): string {
  const directory = fresh();
  for (const item of [...layoutItems(entries), ...blobs.items(without)]) {
    const path = join(directory, item.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'bytes' in item ? item.bytes : '');
  }
  return directory;
}

function oneImage() {
  const blobs = new BlobItems();
  const image = putImage(blobs, { label: 'x' });
  const directory = layoutOf(blobs, [annotated(image, { [ANNOTATION.refName]: 'x:1' })]);
  return {
    blobs,
    image,
    directory,
    blobPath: (digest: string) => join(directory, 'blobs/sha256', encodedOf(digest as never)),
  };
}

test('only blobs that an image needs are copied', async () => {
  const { directory, image } = oneImage();
  writeFileSync(join(directory, 'blobs/sha256', 'f'.repeat(64)), 'stray');
  const store = LayoutStore.open(fresh());
  assert.equal(await load(directory, store), [{ names: ['docker.io/library/x:1'], target: image }]);
  assert.is([...store.blobs()].length, 3);
});

test('an index with one platform there is read as far as it goes', async () => {
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
  const blobs = new BlobItems();
  const index = putIndex(blobs, 'multi', platforms);
  const { manifests } = JSON.parse(String(blobs.bytesOf(index.digest))) as { manifests: { digest: string }[] };
  const store = LayoutStore.open(fresh());
  assert.is((await load(layoutOf(blobs, [index], [manifests[1]!.digest]), store)).length, 1);
  assert.is([...store.blobs()].length, 4);
});

test('a blob that was changed or cut off is refused', async () => {
  const { directory, image, blobs, blobPath } = oneImage();
  const layer = parseManifest(blobs.bytesOf(image.digest)).layers[0]!;
  writeFileSync(blobPath(layer.digest), Buffer.alloc(layer.size, 'x'));
  await refuses('integrity', () => load(directory));
  truncateSync(blobPath(layer.digest), 1);
  await refuses('integrity', () => load(directory));
  rmSync(blobPath(layer.digest));
  await refuses('invalid-archive', () => load(directory), /is missing/);
});

test('symlinks may stay inside the layout but not lead out of it', async () => {
  const { directory, image, blobPath } = oneImage();
  renameSync(blobPath(image.digest), join(directory, 'elsewhere'));
  symlinkSync('../../elsewhere', blobPath(image.digest));
  assert.is((await load(directory)).length, 1);
  rmSync(blobPath(image.digest));
  const outside = join(root, 'outside');
  renameSync(join(directory, 'elsewhere'), outside);
  symlinkSync(outside, blobPath(image.digest));
  await refuses('invalid-archive', () => load(directory), /leads out of the layout/);
});

test('a whole folder that is a symlink to elsewhere is refused', async () => {
  const { directory } = oneImage();
  renameSync(join(directory, 'blobs'), join(root, 'other-blobs'));
  symlinkSync(join(root, 'other-blobs'), join(directory, 'blobs'));
  await refuses('invalid-archive', () => load(directory), /leads out of the layout/);
});

withNeeds(test, { programs: ['mkfifo'] })('a pipe in the place of a file is refused and not waited for', async () => {
  const { directory } = oneImage();
  rmSync(join(directory, 'index.json'));
  execFileSync('mkfifo', [join(directory, 'index.json')]);
  await refuses('invalid-archive', () => load(directory), /is not a file/);
});

test('a directory that is no layout, and none at all, are refused', async () => {
  const empty = fresh();
  mkdirSync(empty);
  await refuses('invalid-archive', () => load(empty), /oci-layout/);
  await refuses('not-found', () => load(join(root, 'no such')));
});

test('a huge index.json is refused', async () => {
  const { directory } = oneImage();
  truncateSync(join(directory, 'index.json'), 5_000_000);
  await refuses('limit', () => load(directory));
});

test('an index that lists the same thousands of times over and over is walked once', async () => {
  const blobs = new BlobItems();
  const index = putIndexBomb(blobs, 3);
  assert.is((await load(layoutOf(blobs, [index])))[0]?.target.digest, index.digest);
});

test.run();
