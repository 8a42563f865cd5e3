import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, succeed } from '../../support/mkimage.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('mkimage context ls');
const root = tempDir('context-ls');
const mkimage = mkimageIn(join(root, 'store'));
const folder = join(root, 'app');
const other = join(root, 'docs');

for (const name of ['app/sub/node_modules/x', 'app/target', 'docs']) mkdirSync(join(root, name), { recursive: true });
write('app', {
  Dockerfile: 'FROM scratch\nCOPY . /\n',
  '.dockerignore': '# what the build makes\n*.log\n**/node_modules\ntarget\n!target/app.jar\n',
  'Other.dockerignore': 'sub\n',
  Other: 'FROM scratch\n',
  'a.log': 'log',
  'sub/node_modules/x/y': 'y',
  'sub/one.txt': 'one',
  'target/app.jar': 'jar',
  'target/classes': 'classes',
});
write('docs', { '.dockerignore': 'draft.md\n.dockerignore\n', 'draft.md': '', 'index.md': 'hello' });
symlinkSync('one.txt', join(folder, 'sub/link'));

function write(below: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, below, name), text, { mode: 0o644 });
}

test('lists what is not hidden, and counts on stderr', async () => {
  const { code, stdout, stderr } = await mkimage(['context', 'ls'], { cwd: folder });
  assert.is(code, 0);
  const seen =
    '.dockerignore|Dockerfile|Other|Other.dockerignore|sub/|sub/link -> one.txt|sub/one.txt|target/|target/app.jar';
  assert.equal(stdout.trimEnd().split('\n'), seen.split('|'));
  assert.match(stderr, /^7 files, 2 directories, \d+B\n$/);
});

test('shows types, modes and sizes when asked, to people and to programs', async () => {
  const long = await mkimage(['context', 'ls', '--long', folder]);
  assert.match(long.stdout, /^-0644 +3 {2}sub\/one\.txt$/m);
  assert.match(long.stdout, /^d0755 +0 {2}sub\/$/m);
  const json = await mkimage(['context', 'ls', '--format=json', folder]);
  const entries = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const link = { path: 'sub/link', type: 'symlink', mode: '0777', size: 0, linkname: 'one.txt' };
  assert.equal(
    entries.find(({ path }) => path === 'sub/link'),
    link,
  );
});

test('names the line that hides each path, and a hidden directory once', async () => {
  const { stdout } = await mkimage(['context', 'ls', '--ignored', folder]);
  const lines = [
    'a.log   .dockerignore:2 `*.log`',
    'sub/node_modules/   .dockerignore:3 `**/node_modules`',
    'target/classes   .dockerignore:4 `target`',
  ];
  assert.equal(stdout.trimEnd().split('\n'), lines);
});

test('explains what happens to one path', async () => {
  const args = ['context', 'ls', '--why', 'sub/node_modules/x/y', '--why', './target/app.jar', folder];
  const { stdout } = await mkimage(args);
  assert.is(stdout, 'sub/node_modules/x/y   .dockerignore:3 `**/node_modules`\ntarget/app.jar   is in the context\n');
  const missing = await mkimage(['context', 'ls', '--why', 'sub/on.txt', folder]);
  assert.is(missing.code, 1);
  assert.match(missing.stderr, /`sub\/on\.txt` is not in the context.*\nhint: similar: sub\/one\.txt\n$/);
});

test('the ignore file of the build file comes first', async () => {
  const { stdout } = await mkimage(['context', 'ls', '-f', join(folder, 'Other'), '--ignored', folder]);
  assert.is(stdout, 'sub/   Other.dockerignore:1 `sub`\n');
});

test('a named context has its own ignore file', async () => {
  const alone = await mkimage(['context', 'ls', '--build-context', `docs=${other}`]);
  assert.is(alone.stdout, 'index.md\n');
  const both = await mkimage(['context', 'ls', '-i', '--build-context', `docs=${other}`, folder]);
  assert.match(
    both.stdout,
    /^main context:\na\.log .*\ndocs:\n\.dockerignore .*\ndraft\.md {3}\.dockerignore:1 `draft\.md`\n$/s,
  );
});

test('nothing is hidden in an archive', async () => {
  const tar = join(root, 'app.tar');
  await succeed('tar', ['-cf', tar, '-C', folder, '.']);
  const { stdout, code } = await mkimage(['context', 'ls', '-'], { input: readFileSync(tar) });
  assert.is(code, 0);
  assert.match(stdout, /^a\.log$/m);
});

test('refuses what is no context', async () => {
  const image = await mkimage(['context', 'ls', '--build-context', 'base=docker-image://alpine']);
  assert.equal([image.code, image.stdout], [2, '']);
  assert.match(image.stderr, /list context `base`: it is an image/);
  const missing = await mkimage(['context', 'ls', join(root, 'nowhere')]);
  assert.match(missing.stderr, /no such directory/);
});

test.run();
