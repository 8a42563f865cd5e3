import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renameOver, writeAtomically } from '../../../src/host/index.ts';
import { refuses } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('host: atomic write');
const root = tempDir('atomic-write');
let count = 0;

/** A fresh folder. */
function folder(): string {
  const path = join(root, String(count++));
  mkdirSync(path);
  return path;
}

test('the file has all bytes, is readable by its owner only, and no temporary file is left', () => {
  for (const durability of ['kill', 'power'] as const) {
    const here = folder();
    const bytes = Buffer.alloc(3_000_000, durability);
    writeAtomically(join(here, 'file'), bytes, { temporary: join(here, 'temporary'), durability });
    assert.ok(readFileSync(join(here, 'file')).equals(bytes));
    assert.is(statSync(join(here, 'file')).mode & 0o777, 0o600);
    assert.equal(readdirSync(here), ['file']);
  }
});

test('text is written as UTF-8, and an empty text makes an empty file', () => {
  const here = folder();
  writeAtomically(join(here, 'text'), 'ü日', { temporary: join(here, 't'), durability: 'kill' });
  writeAtomically(join(here, 'empty'), '', { temporary: join(here, 't'), durability: 'kill' });
  assert.equal(readFileSync(join(here, 'text')), Buffer.from('ü日'));
  assert.is(statSync(join(here, 'empty')).size, 0);
});

test('the folder is made if it is not there yet', () => {
  const here = folder();
  const path = join(here, 'a/b/file');
  writeAtomically(path, 'x', { temporary: join(here, 't'), durability: 'kill' });
  assert.is(readFileSync(path, 'utf8'), 'x');
  assert.is(statSync(join(here, 'a')).mode & 0o777, 0o700);
});

test('a file, a link and a folder in its place are replaced, and the target of the link stays', () => {
  const here = folder();
  writeFileSync(join(here, 'target'), 'stays');
  symlinkSync(join(here, 'target'), join(here, 'link'));
  mkdirSync(join(here, 'full/sub'), { recursive: true });
  writeFileSync(join(here, 'full/sub/file'), 'old');
  for (const name of ['link', 'full', 'link']) {
    writeAtomically(join(here, name), 'new', { temporary: join(here, 't'), durability: 'kill' });
    assert.is(readFileSync(join(here, name), 'utf8'), 'new');
  }
  assert.is(readFileSync(join(here, 'target'), 'utf8'), 'stays');
});

test('a link under the temporary name is not followed, and the old file stays', async () => {
  const here = folder();
  writeFileSync(join(here, 'file'), 'old');
  writeFileSync(join(here, 'victim'), 'victim');
  symlinkSync(join(here, 'victim'), join(here, 't'));
  await refuses(
    'store',
    () => writeAtomically(join(here, 'file'), 'new', { temporary: join(here, 't'), durability: 'kill' }),
    /EEXIST/,
  );
  assert.is(readFileSync(join(here, 'victim'), 'utf8'), 'victim');
  assert.is(readFileSync(join(here, 'file'), 'utf8'), 'old');
});

test('a place that cannot be written is a `store` error that names it, and leaves no temporary file', async () => {
  const here = folder();
  writeFileSync(join(here, 'plain'), '');
  const path = join(here, 'plain/below');
  const error = await refuses(
    'store',
    () => writeAtomically(path, 'x', { temporary: join(here, 't'), durability: 'kill' }),
    /^write `/,
  );
  assert.ok(error.message.includes(path));
  assert.not(existsSync(join(here, 't')));
});

test('renaming over a full folder removes what is in it and follows no link there', () => {
  const here = folder();
  mkdirSync(join(here, 'outside'));
  writeFileSync(join(here, 'outside/file'), 'stays');
  mkdirSync(join(here, 'to'));
  symlinkSync(join(here, 'outside'), join(here, 'to/link'));
  writeFileSync(join(here, 'from'), 'x');
  renameOver(join(here, 'from'), join(here, 'to'));
  assert.is(readFileSync(join(here, 'to'), 'utf8'), 'x');
  assert.is(readFileSync(join(here, 'outside/file'), 'utf8'), 'stays');
});

test('renaming what is not there fails and leaves the place as it is', () => {
  const here = folder();
  writeFileSync(join(here, 'to'), 'old');
  assert.throws(
    () => renameOver(join(here, 'never'), join(here, 'to')),
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
  assert.is(readFileSync(join(here, 'to'), 'utf8'), 'old');
});

test.run();
