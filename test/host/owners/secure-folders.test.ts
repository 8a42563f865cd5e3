import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { secureFolders } from '../../../src/host/index.ts';
import { withNeeds } from '../../support/needs.ts';
import { refuses } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: secure folders');
const asRoot = withNeeds(test, { root: true });
const root = tempDir('secure-folders');
let count = 0;

/** A fresh store root with folders of these names, and their modes. */
function storeOf(folders: Readonly<Record<string, number>> = {}, mode = 0o700): string {
  const store = join(root, String(count++));
  mkdirSync(store);
  for (const [name, bits] of Object.entries(folders)) {
    mkdirSync(join(store, name));
    chmodSync(join(store, name), bits);
  }
  chmodSync(store, mode);
  return store;
}

const modeOf = (path: string) => statSync(path).mode & 0o7777;

test('a root that is not there is left to be made', () => {
  const store = join(root, 'never/there');
  secureFolders(store);
  assert.not(existsSync(store));
});

test('folders of the program are closed to others, and all else is left alone', () => {
  const store = storeOf({ locks: 0o755, 'layer-index-v2': 0o750, images: 0o705, photos: 0o755, 'Odd-v1': 0o755 });
  secureFolders(store);
  const modes = ['locks', 'layer-index-v2', 'images', 'photos', 'Odd-v1'].map((name) => modeOf(join(store, name)));
  assert.equal(modes, [0o700, 0o700, 0o700, 0o755, 0o755]);
});

test('a folder that others may write to is closed while it is empty, and refused when it holds something', async () => {
  const store = storeOf({ tmp: 0o777 });
  secureFolders(store);
  assert.is(modeOf(join(store, 'tmp')), 0o700);
  writeFileSync(join(store, 'tmp/file'), '');
  chmodSync(join(store, 'tmp'), 0o770);
  const error = await refuses('store', () => secureFolders(store), /other users may write to it/);
  assert.match(error.hint ?? '', /chmod go-w .*tmp/);
  assert.is(modeOf(join(store, 'tmp')), 0o770);
});

test('an empty root that others may write to is closed, but not one like /tmp', async () => {
  const store = storeOf({}, 0o777);
  secureFolders(store);
  assert.is(modeOf(store), 0o700);
  await refuses('store', () => secureFolders(storeOf({}, 0o1777)), /other users may write/);
  await refuses('store', () => secureFolders(storeOf({ locks: 0o700 }, 0o777)), /other users may write/);
});

test('a link or a file in place of a folder is refused with how to remove it', async () => {
  const store = storeOf();
  symlinkSync('/etc', join(store, 'locks'));
  const error = await refuses('store', () => secureFolders(store), /locks`: it is a symbolic link/);
  assert.match(error.hint ?? '', /rm .*locks/);
  const other = storeOf();
  writeFileSync(join(other, 'blobs-v1'), '');
  await refuses('store', () => secureFolders(other), /blobs-v1`: it is not a directory/);
});

test('a root that is a file is refused', async () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  await refuses('store', () => secureFolders(file), /it is not a directory/);
});

asRoot('a root, a folder in it or one on the way to it that belongs to another user is refused', async () => {
  const theirs = storeOf();
  chownSync(theirs, 1234, 1234);
  await refuses('store', () => secureFolders(theirs), /belongs to another user \(uid 1234\)/);
  await refuses('store', () => secureFolders(join(theirs, 'store')), /its parent folder `.*` belongs to another user/);
  const mixed = storeOf({ locks: 0o700, photos: 0o700 });
  chownSync(join(mixed, 'photos'), 1234, 1234);
  secureFolders(mixed);
  chownSync(join(mixed, 'locks'), 1234, 1234);
  await refuses('store', () => secureFolders(mixed), /locks`: it belongs to another user/);
});

test.run();
