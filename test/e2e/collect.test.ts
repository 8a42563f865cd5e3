import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheLimit } from '../../src/engine/state/collect-cache.ts';
import { measureDiskBytes } from '../../src/host/index.ts';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { mkimageIn } from '../support/mkimage.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('the build cache has bounds');
const asRoot = withNeeds(test, { root: true, programs: ['busybox'] });
const root = tempDir('collect');
const MB = 1024 * 1024;

/** A context whose only layer has two megabytes, another at each call. */
function contextOf(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const changing = (content: number) => {
    writeFileSync(join(folder, 'data'), Buffer.alloc(2 * MB, content));
    return folder;
  };
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY data /\n');
  return changing(++contents);
}
let contents = 0;

const blobBytes = (store: string) => measureDiskBytes(join(store, 'root/images/blobs'));

test('after a build that did work, what was not used for longest goes, and no image with a name', async () => {
  const store = join(root, 'bounded');
  const mkimage = mkimageIn(store, { env: { MKIMAGE_KEEP_STORAGE: '5MB' } });
  assert.is((await mkimage(['build', '-t', 'kept', contextOf('kept')])).code, 0);
  for (let round = 0; round < 6; round++) {
    assert.is((await mkimage(['build', '-t', 'changing', contextOf('changing')])).code, 0);
  }
  assert.ok(blobBytes(store) < 11 * MB, `${blobBytes(store)} bytes`);
  for (const name of ['kept', 'changing'])
    assert.is((await mkimage(['save', '-o', join(root, `${name}.tar`), name])).code, 0);
  const again = await mkimage(['build', '--progress=plain', '-t', 'changing', join(root, 'changing')]);
  assert.match(again.stderr, /CACHED/);
});

test('nothing goes without bounds; a bound that is no size is refused', async () => {
  const store = join(root, 'unbounded');
  const mkimage = mkimageIn(store, { env: { MKIMAGE_KEEP_STORAGE: 'unlimited' } });
  for (let round = 0; round < 4; round++) await mkimage(['build', '-t', 'x', contextOf('unbounded')]);
  assert.ok(blobBytes(store) > 8 * MB);
  const refused = await mkimage(['images'], { env: { MKIMAGE_KEEP_STORAGE: 'much' } });
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /MKIMAGE_KEEP_STORAGE: invalid size `much`/);
});

test('the default is a share of the disk, and not less than five gigabytes', () => {
  assert.ok(cacheLimit({ root, keepStorage: undefined }) >= 5e9);
  assert.is(cacheLimit({ root, keepStorage: 7 }), 7);
});

test('prune --keep-storage keeps what was used last, and so much of it', async () => {
  const store = join(root, 'pruned');
  const mkimage = mkimageIn(store, { env: { MKIMAGE_KEEP_STORAGE: 'unlimited' } });
  for (let round = 0; round < 4; round++) await mkimage(['build', '-t', 'x', contextOf('pruned')]);
  await mkimage(['rmi', 'x']);
  const enough = await mkimage(['prune', '--keep-storage', '1GB']);
  assert.is(enough.stdout, 'Total reclaimed space: 0B\n');
  const pruned = await mkimage(['prune', '--keep-storage', '3MB']);
  assert.is(pruned.code, 0, pruned.stderr);
  assert.ok(blobBytes(store) < 3 * MB, `${blobBytes(store)} bytes`);
  const again = await mkimage(['build', '--progress=plain', join(root, 'pruned')]);
  assert.match(again.stderr, /CACHED/, 'the last one is still there');
  assert.is((await mkimage(['prune', '--keep-storage', 'some'])).code, 2);
});

asRoot('unpacked layers go before the results of steps', async () => {
  const store = join(root, 'steps');
  const folder = join(root, 'steps-context');
  makeBusyboxRoot(join(folder, 'rootfs'));
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY rootfs /\nRUN echo made >/made\n');
  const size = measureDiskBytes(join(folder, 'rootfs'));
  const mkimage = mkimageIn(store, { env: { MKIMAGE_KEEP_STORAGE: String(Math.round(size * 1.5)) } });
  const built = await mkimage(['build', '--progress=plain', '-o', `type=tar,dest=${join(root, 'steps.tar')}`, folder]);
  assert.is(built.code, 0, built.stderr);
  const snapshots = join(store, 'root/snapshots-v1');
  const [kind] = readdirSync(snapshots).filter((name) => name === 'overlay' || name === 'native');
  const unpacked = readdirSync(join(snapshots, kind!)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  assert.ok(unpacked.length < 2, 'unpacked layers were removed');
  const again = await mkimage(['build', '--progress=plain', '-t', 'x', folder]);
  assert.not.match(again.stderr, /not cached/);
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY rootfs /\nRUN echo made >/made\nRUN cat made\n');
  const more = await mkimage(['build', '--progress=plain', folder]);
  assert.is(more.code, 0, more.stderr);
});

test.run();
