/** Where tests lie, and that they run. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { filesBelow, root, text } from './source-code.ts';

const test = suite('architecture: tests');

/** Folders of `test` that are about more than one room. */
const ABOUT_ALL = ['architecture', 'contract', 'e2e', 'fakes', 'package', 'support'];

const files = filesBelow('test').filter((file) => file.endsWith('.test.ts'));

test('every test file runs its tests', () => {
  assert.equal(
    files.filter((file) => !/\.run\(\)/.test(text(file))),
    [],
  );
});

test('tests are in a folder of the same name as the room that they test', () => {
  const folders = new Set(files.map((file) => dirname(file.slice('test/'.length))));
  const broken = [...folders].filter((folder) => {
    const isAboutAll = folder === '.' || ABOUT_ALL.includes(folder.split('/')[0]!);
    return !isAboutAll && !existsSync(join(root, 'src', folder)) && !existsSync(join(root, folder));
  });
  assert.equal(broken, []);
});

test.run();
