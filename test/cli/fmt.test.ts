import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn } from '../support/mkimage.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('mkimage fmt');
const root = tempDir('fmt');
const mkimage = mkimageIn(root);
const LOOSE = 'from scratch\ncopy  a   b\n';
const TIDY = 'FROM scratch\nCOPY a b\n';

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(root, name);
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

async function fmt(cwd: string, args: readonly string[], input?: string | Uint8Array) {
  const { code, stdout, stderr } = await mkimage(['fmt', ...args], { cwd, ...(input === undefined ? {} : { input }) });
  return { code, stdout, stderr };
}

const SILENT = { code: 0, stdout: '', stderr: '' };

test('formats the build file of the folder, and says nothing', async () => {
  const cwd = folder('default', { Dockerfile: LOOSE, Imagefile: LOOSE });
  assert.equal(await fmt(cwd, []), SILENT);
  assert.is(readFileSync(join(cwd, 'Imagefile'), 'utf8'), TIDY);
  assert.is(readFileSync(join(cwd, 'Dockerfile'), 'utf8'), LOOSE);
  assert.equal(readdirSync(cwd).sort(), ['Dockerfile', 'Imagefile']);
});

test('keeps the mode of a file, and follows a link to it', async () => {
  const cwd = folder('modes', { real: LOOSE });
  chmodSync(join(cwd, 'real'), 0o755);
  symlinkSync('real', join(cwd, 'Dockerfile'));
  assert.equal(await fmt(cwd, ['Dockerfile']), SILENT);
  assert.is(readFileSync(join(cwd, 'real'), 'utf8'), TIDY);
  assert.is(statSync(join(cwd, 'real')).mode & 0o777, 0o755);
  assert.ok(lstatSync(join(cwd, 'Dockerfile')).isSymbolicLink());
});

test('lists with --check what would change, ends with 3, and writes nothing', async () => {
  const cwd = folder('check', { a: LOOSE, b: TIDY, c: LOOSE });
  assert.equal(await fmt(cwd, ['--check', 'a', 'b', '-f', 'c']), { code: 3, stdout: 'c\na\n', stderr: '' });
  assert.is(readFileSync(join(cwd, 'a'), 'utf8'), LOOSE);
  assert.equal(await fmt(cwd, ['--check', 'b']), SILENT);
});

test('shows with --diff what would change, and writes nothing', async () => {
  const cwd = folder('diff', { a: LOOSE });
  const stdout = '--- a\n+++ a\n@@ -1,2 +1,2 @@\n-from scratch\n-copy  a   b\n+FROM scratch\n+COPY a b\n';
  assert.equal(await fmt(cwd, ['--diff', 'a']), { code: 0, stdout, stderr: '' });
  assert.equal(await fmt(cwd, ['--diff', '--check', 'a']), { code: 3, stdout, stderr: '' });
  assert.is(readFileSync(join(cwd, 'a'), 'utf8'), LOOSE);
});

test('reads standard input and writes standard output', async () => {
  assert.equal(await fmt(root, ['-'], LOOSE), { code: 0, stdout: TIDY, stderr: '' });
  assert.equal(await fmt(root, ['-f', '-'], TIDY), { code: 0, stdout: TIDY, stderr: '' });
  assert.equal(await fmt(root, ['--check', '-'], LOOSE), { code: 3, stdout: 'stdin\n', stderr: '' });
});

test('shows the errors of a file, leaves it as it is, and formats the others', async () => {
  const cwd = folder('faulty', { a: 'FROM scratch\ncoppy  a b\n', b: LOOSE });
  const { code, stdout, stderr } = await fmt(cwd, ['a', 'b']);
  assert.equal([code, stdout], [3, '']);
  assert.match(stderr, /a:2:1: error: unknown instruction `coppy`/);
  assert.match(stderr, /error: `a` has an error\n$/);
  assert.is(readFileSync(join(cwd, 'a'), 'utf8'), 'FROM scratch\ncoppy  a b\n');
  assert.is(readFileSync(join(cwd, 'b'), 'utf8'), TIDY);
});

test('leaves bytes that are no text alone', async () => {
  const { code, stdout, stderr } = await fmt(root, ['-'], Buffer.from('from a\nlabel a=\xff\n', 'latin1'));
  assert.equal([code, stdout], [3, '']);
  assert.match(stderr, /not UTF-8/);
});

test('ends with 2 where there is no build file, and for standard input beside a file', async () => {
  assert.is((await fmt(folder('none', {}), [])).code, 2);
  assert.is((await fmt(root, ['-', 'x'])).code, 2);
});

test.run();
