import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FOLDERS, type StateFolder } from '../../../src/engine/folders.ts';
import { otherNames } from '../../../src/engine/state/other-names.ts';
import { LayoutStore } from '../../../src/store/layout-store.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('table of the state directory');
const root = tempDir('folders');
const TABLE: readonly StateFolder[] = Object.values(FOLDERS);

/** The rows of "On disk" as `path | content | removed | line of du`. */
function documented(): readonly (readonly string[])[] {
  const text = readFileSync('docs/architecture.md', 'utf8');
  const section = text.slice(text.indexOf('## On disk'), text.indexOf('## The cache key'));
  return [...section.matchAll(/^\| `([^`]+)` \| (.*) \| (.*) \| (.*) \|$/gm)].map(([, ...cells]) => cells);
}

const shown = ({ path }: StateFolder) => (path.endsWith('.json') ? path : `${path}/`);
const MIB = 2 ** 20;

function ageOf({ garbage }: StateFolder): RegExp {
  if (garbage.kind !== 'aged') return garbage.kind === 'none' ? /^never$/ : /^(?:when|with|only)/;
  const { days, mostBytes } = garbage.retention;
  if (mostBytes === undefined) return new RegExp(`^after ${days} days, or to keep the size limit$`);
  return new RegExp(
    mostBytes > MIB && days < 30 ? `^after ${days} days, or above ${mostBytes / MIB} MiB$` : `^after ${days} days`,
  );
}

test('is the one that the documentation shows: each folder, when it is removed, and its line of du', () => {
  const rows = documented();
  assert.equal(rows.map(([path]) => path).sort(), TABLE.map(shown).sort());
  for (const folder of TABLE) {
    const [, , removed, line] = rows.find(([path]) => path === shown(folder))!;
    assert.match(removed!, ageOf(folder), folder.path);
    assert.is(line, folder.usage.replaceAll('-', ' '), folder.path);
  }
});

test('has no path twice', () => {
  assert.is(new Set(TABLE.map(({ path }) => path)).size, TABLE.length);
});

test('names no folder that other users could look into when the store is opened', () => {
  const own = join(root, 'closed');
  LayoutStore.open(own);
  const folders = TABLE.filter(({ path }) => !path.endsWith('.json')).map(({ path }) => join(own, path));
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
  }
  LayoutStore.open(own);
  for (const folder of folders) assert.is(statSync(folder).mode & 0o777, 0o700, folder);
});

test('takes lower formats of its own names for garbage, and nothing else', () => {
  const own = join(root, 'others');
  for (const name of ['trees-v1', 'trees-v0', 'trees-v2', 'trees', 'tmp-v0', 'holiday-v0', 'logs'])
    mkdirSync(join(own, name), { recursive: true });
  for (const name of ['index-v0.json', 'index-v0', 'notes.txt']) writeFileSync(join(own, name), '');
  assert.equal(otherNames(own), {
    older: ['index-v0.json', 'trees-v0'],
    unknown: ['holiday-v0', 'index-v0', 'notes.txt', 'tmp-v0', 'trees', 'trees-v2'],
  });
  assert.equal(otherNames(join(root, 'nowhere')), { older: [], unknown: [] });
  assert.is(readdirSync(own).length, 10);
});

test.run();
