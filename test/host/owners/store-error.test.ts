import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../../src/errors.ts';
import {
  createOwnedName,
  errnoOf,
  parseOwner,
  readFileClock,
  toStoreError,
  withStoreErrors,
} from '../../../src/host/index.ts';
import { thisOwner } from '../../../src/host/owners/owner.ts';
import { refuses } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: errors, names and the clock of files');
const root = tempDir('store-error');
const failure = (code: string) => Object.assign(new Error(`${code}: it says`), { code });

test('a full disk is named by its folder, with what frees space', () => {
  for (const code of ['ENOSPC', 'EDQUOT']) {
    const cause = failure(code);
    const error = toStoreError('write blob', '/s/blobs/x', cause);
    assert.is(error.message, 'write blob: no space left on the disk of `/s/blobs`');
    assert.match(error.hint ?? '', /mkimage prune/);
    assert.is(error.code, 'store');
    assert.is(error.cause, cause);
  }
});

test('a read-only file system and a missing right say which folder to use', () => {
  assert.match(toStoreError('write', '/s/x', failure('EROFS')).message, /`\/s\/x`: the file system is read-only/);
  for (const code of ['EROFS', 'EACCES', 'EPERM'])
    assert.match(toStoreError('write', '/s/x', failure(code)).hint ?? '', /MKIMAGE_ROOT/);
  assert.is(toStoreError('write', '/s/x', failure('EACCES')).message, 'write `/s/x`: permission denied');
});

test('any other failure keeps its words and has no hint', () => {
  const error = toStoreError('read', '/s/x', failure('EIO'));
  assert.is(error.message, 'read `/s/x`: EIO: it says');
  assert.is(error.hint, undefined);
  assert.is(toStoreError('read', '/s/x', new Error('odd')).message, 'read `/s/x`: odd');
});

test('an error that is clear already is handed on as it is', async () => {
  const clear = new MkimageError('limit', 'too much');
  assert.is(toStoreError('write', '/s/x', clear), clear);
  const given = await refuses('limit', () =>
    withStoreErrors('write', '/s/x', () => {
      throw clear;
    }),
  );
  assert.is(given, clear);
});

test('work that succeeds gives its result, work that fails a `store` error', async () => {
  assert.is(
    withStoreErrors('read', '/x', () => 7),
    7,
  );
  await refuses(
    'store',
    () => withStoreErrors('list', root, () => readdirSync(join(root, 'never'))),
    /^list `.*ENOENT/,
  );
});

test('what is no error has no code', () => {
  assert.equal([errnoOf(undefined), errnoOf(new Error('x')), errnoOf(failure('EIO'))], [undefined, undefined, 'EIO']);
});

test('a name says its kind and its maker, and is never made twice', () => {
  const names = new Set(Array.from({ length: 500 }, () => createOwnedName('blob')));
  assert.is(names.size, 500);
  for (const name of names) {
    assert.is(parseOwner('blob', name), thisOwner());
    assert.is(parseOwner('lob', name), undefined);
    assert.not.match(name, /[/\s]/);
  }
  assert.is(parseOwner('blob', 'sha256'), undefined);
  assert.is(parseOwner('blob', ''), undefined);
});

test('the clock of a folder is that of its files, and leaves nothing there', () => {
  const here = join(root, 'clock');
  mkdirSync(here);
  const before = readFileClock(here);
  writeFileSync(join(here, 'file'), '');
  const after = readFileClock(here);
  const { mtimeMs } = statSync(join(here, 'file'));
  assert.ok(before <= mtimeMs && mtimeMs <= after, `${before} ${mtimeMs} ${after}`);
  assert.equal(readdirSync(here), ['file']);
  assert.throws(
    () => readFileClock(join(root, 'never')),
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
});

test.run();
