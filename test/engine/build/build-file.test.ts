import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findBuildFile, readBuildFile, readIgnoreFile } from '../../../src/engine/build/inputs/build-file.ts';
import { createBuildFileError } from '../../../src/engine/build/inputs/build-file-error.ts';
import { refuses } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('finding the build file');
const root = tempDir('build-file');
let count = 0;

/** A context with these files. */
function contextOf(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const textOf = (context: string, file?: string, cwd = '/') =>
  Buffer.from(readBuildFile(context, file, cwd).bytes).toString();

test('of the usual names the first that is there counts', () => {
  assert.is(textOf(contextOf({ Containerfile: 'c', Dockerfile: 'd', Imagefile: 'i' })), 'i');
  assert.is(textOf(contextOf({ Containerfile: 'c', Dockerfile: 'd' })), 'd');
  assert.is(textOf(contextOf({ Containerfile: 'c' })), 'c');
});

test('a name that is given is relative to the working directory, and else to the context', () => {
  const context = contextOf({ 'sub/Own': 'in the context' });
  const cwd = contextOf({ Own: 'here' });
  assert.is(textOf(context, 'Own', cwd), 'here');
  assert.is(textOf(context, 'sub/Own', cwd), 'in the context');
});

test('what is none is refused with what to do', async () => {
  await refuses('usage', async () => textOf(contextOf({})), /no build file in/);
  await refuses('usage', async () => textOf(join(root, 'nowhere')), /no such directory/);
  await refuses(
    'usage',
    async () => textOf(contextOf({ 'sub/x': '' }), 'sub', join(root, String(count - 1))),
    /not a file/,
  );
  await refuses('usage', async () => textOf(contextOf({}), 'Other'), /no such file/);
});

test('a link that is only found is followed inside the context, one that is given anywhere', async () => {
  const outside = contextOf({ secret: 'of others' });
  const context = contextOf({ 'real/file': 'inside' });
  symlinkSync('real/file', join(context, 'Dockerfile'));
  assert.is(textOf(context), 'inside');
  symlinkSync(join(outside, 'secret'), join(context, 'Imagefile'));
  await refuses('usage', async () => textOf(context), /leads out of the context/);
  assert.is(textOf(context, 'Imagefile', context), 'of others');
});

test('the ignore file of the build file comes before that of the context', () => {
  const context = contextOf({
    '.containerignore': 'third',
    '.dockerignore': 'second',
    'Own.dockerignore': 'first',
    Own: '',
  });
  assert.is(readIgnoreFile(context, join(context, 'Own'))?.text, 'first');
  assert.is(readIgnoreFile(context, join(context, 'Dockerfile'))?.text, 'second');
  assert.is(readIgnoreFile(contextOf({ '.containerignore': 'third' }), undefined)?.text, 'third');
  assert.is(readIgnoreFile(contextOf({}), undefined), undefined);
});

test('a policy beside the build file is named', () => {
  const context = contextOf({ Dockerfile: '', 'Dockerfile.rego': 'x' });
  assert.is(readBuildFile(context, undefined, context).policy, 'Dockerfile.rego');
  assert.is(readBuildFile(contextOf({ Dockerfile: '' }), undefined, '/').policy, undefined);
});

test('a build file from standard input or the web has no ignore file of its own', () => {
  const context = contextOf({ Dockerfile: '' });
  assert.is(findBuildFile(context, { kind: 'stdin' }, context), undefined);
  assert.is(findBuildFile(context, { kind: 'http', url: 'https://host/Dockerfile' }, context), undefined);
  assert.is(findBuildFile(context, undefined, context), join(context, 'Dockerfile'));
});

test('an error in the file is counted; a base that cannot be resolved fails the check itself', () => {
  const range = { start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 1, offset: 0 } };
  const fault = (code: string) => ({ severity: 'error', code, message: `${code} here`, range }) as const;
  const file = { name: 'Dockerfile', text: 'FROM x\n' };
  assert.is(createBuildFileError(file, [fault('a'), fault('b')]).message, '`Dockerfile` has 2 errors');
  assert.is(createBuildFileError(file, [fault('a')]).message, '`Dockerfile` has an error');
  const missing = createBuildFileError(file, [fault('base-unavailable')]);
  assert.equal([missing.code, missing.message], ['base-unavailable', 'base-unavailable here']);
  const two = createBuildFileError(file, [fault('base-unavailable'), fault('base-unavailable')]);
  assert.is(two.message, 'cannot resolve 2 base images');
});

test.run();
