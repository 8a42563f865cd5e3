import {
  closeSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { descriptorPath, ExactFiles, openDirectory, openExactly, readExactFile } from '../../../src/host/index.ts';
import { textOfBytes } from '../../../src/tar/index.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: exact path');
const root = realpathSync(tempDir('exact-path'));
mkdirSync(join(root, 'real'));
writeFileSync(join(root, 'real/file'), 'content');
symlinkSync('real', join(root, 'folder-link'));
symlinkSync('real/file', join(root, 'file-link'));

const code = (expected: string) => (error: NodeJS.ErrnoException) => error.code === expected;
const openDescriptors = () => readdirSync('/proc/self/fd').length;

test('a real path is opened, as text and as bytes', () => {
  for (const path of [join(root, 'real/file'), Buffer.from(join(root, 'real/file'))]) {
    const descriptor = openExactly(path, constants.O_RDONLY);
    assert.is(readFileSync(descriptor, 'utf8'), 'content');
    closeSync(descriptor);
  }
});

test('a link on the way or in the last place is refused with its path, and no descriptor stays open', () => {
  const before = openDescriptors();
  for (const name of ['folder-link/file', 'file-link', 'real/../real/file', 'real//file']) {
    const path = `${root}/${name}`;
    for (const given of [path, Buffer.from(path)]) {
      assert.throws(
        () => openExactly(given, constants.O_RDONLY),
        (error: NodeJS.ErrnoException) => error.code === 'ELOOP' && error.path === path,
        name,
      );
    }
  }
  assert.is(openDescriptors(), before);
});

test('what is not there is ENOENT, and a file is no directory', () => {
  assert.throws(() => openExactly(join(root, 'never'), constants.O_RDONLY), code('ENOENT'));
  assert.throws(() => openDirectory(join(root, 'real/file')), code('ENOTDIR'));
});

test('what is in a directory that is held open is found after the directory was moved', () => {
  mkdirSync(join(root, 'moving'));
  writeFileSync(join(root, 'moving/file'), 'moved');
  const descriptor = openDirectory(join(root, 'moving'));
  renameSync(join(root, 'moving'), join(root, 'elsewhere'));
  assert.is(readFileSync(`${descriptorPath(descriptor)}/file`, 'utf8'), 'moved');
  closeSync(descriptor);
});

test('an exact file is read whole, and not through a link', () => {
  assert.is(readExactFile(join(root, 'real/file'), 7).toString(), 'content');
  assert.throws(() => readExactFile(join(root, 'folder-link/file'), 7), code('ELOOP'));
  assert.throws(() => readExactFile(join(root, 'real/file'), 6), code('EFBIG'));
  assert.throws(() => readExactFile(join(root, 'real'), 7), code('EINVAL'));
});

test('files of several folders are opened one after another, with one descriptor for the folder', () => {
  const before = openDescriptors();
  const odd = Buffer.concat([Buffer.from(`${root}/real/caf`), Buffer.of(0xe9)]);
  writeFileSync(odd, 'odd name');
  writeFileSync(join(root, 'top'), 'at the top');
  const files = new ExactFiles();
  const read = (path: string) => {
    const descriptor = files.open(path);
    const text = readFileSync(descriptor, 'utf8');
    closeSync(descriptor);
    return text;
  };
  assert.is(read(join(root, 'real/file')), 'content');
  assert.is(read(textOfBytes(odd)), 'odd name');
  assert.is(read(join(root, 'top')), 'at the top');
  assert.is(openDescriptors(), before + 1);
  files.close();
  assert.is(openDescriptors(), before);
  assert.is(read(join(root, 'real/file')), 'content');
  files.close();
  files.close();
  assert.is(openDescriptors(), before);
});

test('a folder that was replaced by a link after it was opened leads nowhere else', () => {
  mkdirSync(join(root, 'swapped'));
  writeFileSync(join(root, 'swapped/file'), 'right');
  const files = new ExactFiles();
  closeSync(files.open(join(root, 'swapped/file')));
  renameSync(join(root, 'swapped'), join(root, 'swapped-away'));
  symlinkSync('real', join(root, 'swapped'));
  const descriptor = files.open(join(root, 'swapped/file'));
  assert.is(readFileSync(descriptor, 'utf8'), 'right');
  closeSync(descriptor);
  files.close();
  assert.throws(() => files.open(join(root, 'swapped/file')), code('ELOOP'));
  assert.throws(() => files.open(join(root, 'file-link')), code('ELOOP'));
  files.close();
});

test.run();
