/** What the documents say of files is true. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { filesBelow, root, text } from './source-code.ts';

const test = suite('architecture: documents');

const pages = ['README.md', 'CONTRIBUTING.md', ...filesBelow('docs').filter((file) => file.endsWith('.md'))];
/** Folders that a path may begin with: those of the project and the rooms of `src`. */
const beginnings = [...foldersOf('.'), ...foldersOf('src')];

test('every file that a document names exists', () => {
  const named = pages.flatMap((page) => pathsIn(page).map((path) => ({ page, path })));
  assert.ok(named.length > 50, `${named.length} found`);
  const broken = named.filter(({ path }) => !['.', 'src'].some((folder) => existsSync(join(root, folder, path))));
  assert.equal(
    broken.map(({ page, path }) => `${page} names ${path}`),
    [],
  );
});

test.run();

/** What stands in backticks and begins with a folder of the project, up to what is left open: `plan/rules/<check>.ts`. */
function pathsIn(page: string): string[] {
  const quoted = Array.from(
    text(page)
      .replace(/```[\s\S]*?```/g, '')
      .matchAll(/`([^`\s]+)`/g),
    ([, path = '']) => path,
  );
  return quoted
    .filter((path) => beginnings.includes(path.split('/')[0]!) && path.includes('/') && !path.includes(':'))
    .map((path) => path.replace(/(?<=\/)[^/]*[<*{].*/, ''));
}

function foldersOf(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist', '.git'].includes(entry.name))
    .map(({ name }) => name);
}
