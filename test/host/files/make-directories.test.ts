import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeDirectories } from '../../../src/host/index.ts';
import { run } from '../../support/mkimage.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('directories with their parents');

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('makes a directory and its missing parents with the mode', () => {
  const folder = tempDir('directories');
  makeDirectories(join(folder, 'a/b/c'), 0o700);
  assert.equal([modeOf(join(folder, 'a')), modeOf(join(folder, 'a/b/c'))], [0o700, 0o700]);
});

test('an existing directory keeps its mode', () => {
  const folder = join(tempDir('directories'), 'a');
  mkdirSync(folder, { mode: 0o755 });
  makeDirectories(folder, 0o700);
  makeDirectories('/', 0o700);
  assert.is(modeOf(folder), 0o755);
});

test('a file in the way is an error', () => {
  const folder = tempDir('directories');
  writeFileSync(join(folder, 'file'), '');
  assert.throws(() => makeDirectories(join(folder, 'file'), 0o700), /EEXIST/);
  assert.throws(() => makeDirectories(join(folder, 'file/a/b'), 0o700), /ENOTDIR/);
});

test('two processes that make the same directories at once both succeed', async () => {
  const folder = tempDir('directories');
  const file = new URL('../../../src/host/files/make-directories.ts', import.meta.url).href;
  // Both begin at the same moment, and so meet at most of the 2000 directories.
  const script = `import { makeDirectories } from ${JSON.stringify(file)};
    while (Date.now() < Number(process.argv[1])) {}
    for (let i = 0; i < 1000; i++) makeDirectories(process.argv[2] + '/' + i + '/a', 0o700);`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script, String(Date.now() + 1500), folder];
  const ends = await Promise.all([1, 2].map(() => run(process.execPath, args)));
  assert.equal(
    ends.map(({ code, stderr }) => [code, stderr]),
    [
      [0, ''],
      [0, ''],
    ],
  );
});

test('a file system that makes no directories is an error, not an endless search', () => {
  assert.throws(() => makeDirectories('/proc/no/such', 0o700), /ENOENT/);
});

test.run();
