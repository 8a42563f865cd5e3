import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { replaceFile, thisUser, writeWholeFile } from '../../../src/host/index.ts';
import { withNeeds } from '../../support/needs.ts';
import { refuses } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: whole file');
const asRoot = withNeeds(test, { root: true });
const root = tempDir('whole-file');

function folder(name: string): string {
  mkdirSync(join(root, name));
  return join(root, name);
}

test('a file is written with its mode, and nothing else is left in the folder', () => {
  const here = folder('plain');
  writeWholeFile(join(here, 'file'), 'text ü', { mode: 0o640, owner: thisUser() });
  assert.is(readFileSync(join(here, 'file'), 'utf8'), 'text ü');
  assert.is(statSync(join(here, 'file')).mode & 0o7777, 0o640);
  assert.equal(readdirSync(here), ['file']);
});

test('a link in its place is replaced, and its target stays', () => {
  const here = folder('link');
  writeFileSync(join(here, 'target'), 'stays');
  symlinkSync('target', join(here, 'file'));
  writeWholeFile(join(here, 'file'), 'new', { mode: 0o600 });
  assert.ok(lstatSync(join(here, 'file')).isFile());
  assert.is(readFileSync(join(here, 'target'), 'utf8'), 'stays');
});

test('a folder in its place is an error, and the temporary file is gone', () => {
  const here = folder('in-the-way');
  mkdirSync(join(here, 'file/sub'), { recursive: true });
  assert.throws(
    () => writeWholeFile(join(here, 'file'), 'new', { mode: 0o600 }),
    (error: NodeJS.ErrnoException) => error.code === 'EISDIR',
  );
  assert.equal(readdirSync(here), ['file']);
});

test('a replaced file keeps its mode', () => {
  const here = folder('replaced');
  writeFileSync(join(here, 'file'), 'a text that is longer');
  chmodSync(join(here, 'file'), 0o751);
  replaceFile(join(here, 'file'), 'short');
  assert.is(readFileSync(join(here, 'file'), 'utf8'), 'short');
  assert.is(statSync(join(here, 'file')).mode & 0o7777, 0o751);
});

test('a replaced link stays a link, and the file it leads to is written', () => {
  const here = folder('replaced-link');
  mkdirSync(join(here, 'sub'));
  writeFileSync(join(here, 'sub/target'), 'old');
  symlinkSync('sub/target', join(here, 'file'));
  replaceFile(join(here, 'file'), 'new');
  assert.is(readlinkSync(join(here, 'file')), 'sub/target');
  assert.is(readFileSync(join(here, 'sub/target'), 'utf8'), 'new');
  assert.equal(readdirSync(join(here, 'sub')), ['target']);
});

asRoot('a replaced file keeps its owner, and setuid survives the change of owner', async () => {
  const here = folder('owner');
  writeWholeFile(join(here, 'file'), 'old', { mode: 0o4755, owner: { uid: 1234, gid: 2345 } });
  replaceFile(join(here, 'file'), 'new');
  const { uid, gid, mode } = statSync(join(here, 'file'));
  assert.equal({ uid, gid, mode: mode & 0o7777 }, { uid: 1234, gid: 2345, mode: 0o4755 });
});

test('a file that is not there is not made by replacing it', async () => {
  const here = folder('missing');
  const path = join(here, 'never');
  const error = await refuses('unsupported', () => replaceFile(path, 'x'), /ENOENT/);
  assert.ok(error.message.startsWith(`write \`${path}\`: `));
  assert.not(existsSync(path));
});

test('a loop of links is refused', async () => {
  const here = folder('loop');
  symlinkSync('loop', join(here, 'loop'));
  await refuses('unsupported', () => replaceFile(join(here, 'loop'), 'x'), /too many symbolic links/);
});

test.run();
