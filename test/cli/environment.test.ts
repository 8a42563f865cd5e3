import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { VARIABLES } from '../../src/cli/text/environment.ts';

const test = suite('environment variables');

/** Documented names; `MKIMAGE_LIMIT_…` stands for all that begin so. */
const documented = VARIABLES.flatMap(({ name }) => name.split(', '));

test('every variable that the program reads is documented', () => {
  const read = new Set(sources().flatMap((text) => [...text.matchAll(PATTERN)].map((match) => match[1] ?? match[2]!)));
  assert.equal([...read].filter((name) => !isDocumented(name)).sort(), []);
});

test('nothing is documented that is not read', () => {
  const all = sources().join('\n');
  const stems = documented.map((name) => name.replace('…', ''));
  assert.equal(
    stems.filter((stem) => !all.includes(stem) && !/_PROXY$/.test(stem)),
    [],
  );
});

test('the page of the docs has the same table', () => {
  const page = readFileSync('docs/environment.md', 'utf8');
  for (const { name, about } of VARIABLES) {
    const names = name.split(', ').map((each) => `\`${each}\``);
    assert.match(page, `| ${names.join(', ')} | ${about} |\n`);
  }
});

/** `env.NAME`, `environment.NAME` and the project's own prefix. */
const PATTERN = /\benv(?:ironment)?\.([A-Z][A-Z0-9_]{2,})\b|\b(MKIMAGE_[A-Z][A-Z0-9_]*|HADOLINT_[A-Z][A-Z0-9_]*)/g;
/** What the machine gives to every process, and programs that are started look at. */
const COMMON = new Set(['PATH', 'HOME', 'NODE_OPTIONS', 'HADOLINT_FORMATS']);

function isDocumented(name: string): boolean {
  if (COMMON.has(name)) return true;
  return documented.some((known) => (known.endsWith('…') ? name.startsWith(known.slice(0, -1)) : known === name));
}

function sources(): readonly string[] {
  return readdirSync('src', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'environment.ts')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
}

test.run();
