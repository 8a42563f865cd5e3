import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EMPTY_DOCUMENT, encodeDocument, SharedSources } from '../../../../../src/cache/index.ts';
import { FolderStorage } from '../../../../../src/cache/shared/folder.ts';
import { restoreMount } from '../../../../../src/engine/build/cache/mounts/restore-mount.ts';
import { readConfig } from '../../../../../src/engine/config.ts';
import { openServices } from '../../../../../src/engine/services.ts';
import { digestOf, MEDIA_TYPE } from '../../../../../src/oci/index.ts';
import { createQuietCall } from '../../../../../src/progress.ts';
import { withNeeds } from '../../../../support/needs.ts';
import { type TarItem, tarOf } from '../../../../support/tar-file.ts';
import { tempDir } from '../../../../support/temp.ts';

const test = suite('files of a cache mount from a hostile cache');
const root = tempDir('restore-mount');
const KEY = 'a'.repeat(64);
let count = 0;

/** Restores layers as if another machine had written them. Beside the mount is a folder with a file. */
async function restored(...tars: readonly Buffer[]) {
  const home = join(root, `${++count}`);
  const [directory, outside] = [join(home, 'mount'), join(home, 'outside')];
  for (const folder of [directory, outside]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(outside, 'file'), 'untouched');
  const storage = new FolderStorage({ directory: join(home, 'cache'), tag: 'latest' });
  const call = createQuietCall();
  const blobs = tars.map((bytes) => ({ mediaType: MEDIA_TYPE.layer, digest: digestOf(bytes), size: bytes.length }));
  for (const [index, blob] of blobs.entries())
    await storage.put({ blob, open: async () => Readable.from([tars[index]!]) }, call);
  const forms = new Map(blobs.map((blob) => [blob.digest, { blob, recipe: 'foreign', size: blob.size }]));
  const mounts = [{ key: KEY, id: 'm', layers: blobs.map(({ digest }) => digest), files: blobs[0]! }];
  await storage.publish({ document: encodeDocument({ ...EMPTY_DOCUMENT, forms, mounts }), blobs }, call);
  await using services = openServices(readConfig({ MKIMAGE_ROOT: join(home, 'root') }));
  const sources = new SharedSources([{ source: storage, patienceMs: 10_000 }]);
  const isRestored = await restoreMount({ ...services, sources }, { key: KEY, id: 'm', directory }, call);
  assert.equal(readdirSync(outside), ['file']);
  assert.is(readFileSync(join(outside, 'file'), 'utf8'), 'untouched');
  assert.not.ok(existsSync(join(home, 'escaped')));
  return { isRestored, directory };
}

const hostile = (...items: readonly TarItem[]) => restored(tarOf(items));

test('files, directories and links are restored, and later layers change earlier ones', async () => {
  const below = tarOf([
    { path: 'd/', directory: true },
    { path: 'd/a', bytes: 'one' },
    { path: 'b', bytes: 'two' },
  ]);
  const above = tarOf([
    { path: '.wh.b', bytes: '' },
    { path: 'd/a', bytes: 'three' },
    { path: 'l', symlink: 'd/a' },
  ]);
  const { isRestored, directory } = await restored(below, above);
  assert.ok(isRestored);
  assert.equal(readdirSync(directory).sort(), ['d', 'l']);
  assert.is(readFileSync(join(directory, 'l'), 'utf8'), 'three');
});

test('paths with .. and absolute paths stay inside', async () => {
  await hostile({ path: '../escaped', bytes: 'x' });
  await hostile({ path: 'd/../../escaped', bytes: 'x' });
  await hostile({ path: `${root}/${count + 1}/escaped`, bytes: 'x' });
});

test('links to places outside lead nowhere', async () => {
  await hostile({ path: 'l', symlink: '../outside' }, { path: 'l/file', bytes: 'x' });
  await hostile({ path: 'l', symlink: `${root}/${count + 1}/outside` }, { path: 'l/file', bytes: 'x' });
  await hostile({ path: 'l', symlink: '..' }, { path: 'l/escaped', bytes: 'x' });
  await hostile({ path: 'l', symlink: '../outside/file' }, { path: 'l', bytes: 'x' });
  await hostile({ path: 'l', symlink: '../outside' }, { path: 'l/.wh.file', bytes: '' });
  await hostile({ path: 'l', symlink: '../outside' }, { path: 'l/.wh..wh..opq', bytes: '' });
});

test('a hard link to a file outside is refused', async () => {
  const { isRestored } = await hostile({ path: 'h', hardlink: '../outside/file' });
  assert.is(isRestored, false);
});

withNeeds(test, { root: true })('devices and pipes are refused', async () => {
  for (const args of [
    ['device', 'c', '1', '3'],
    ['pipe', 'p'],
  ]) {
    const folder = join(root, `special-${args[0]}`);
    mkdirSync(folder);
    execFileSync('mknod', [join(folder, args[0]!), ...args.slice(1)]);
    const { isRestored } = await restored(execFileSync('tar', ['-cf', '-', '-C', folder, args[0]!]));
    assert.is(isRestored, false, args.join(' '));
  }
});

test('a layer that is no archive is refused', async () => {
  assert.is((await restored(Buffer.from('no archive'))).isRestored, false);
});

test('without such a mount nothing happens', async () => {
  const services = openServices(readConfig({ MKIMAGE_ROOT: join(root, 'none') }));
  const call = createQuietCall();
  const wanted = { key: KEY, id: 'm', directory: root };
  assert.is(await restoreMount({ ...services, sources: new SharedSources([]) }, wanted, call), false);
  await services[Symbol.asyncDispose]();
});

test.run();
