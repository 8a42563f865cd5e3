/** No expression of ours may go back and forth over what a stranger wrote: most of them read build files, names and answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'acorn';
import { simple } from 'acorn-walk';
import { transformSync } from 'esbuild';
import { analyse } from 'scslre';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SECRET_SHAPES } from '../src/lint/secrets/shapes.ts';

const test = suite('regular expressions');

const root = new URL('..', import.meta.url).pathname;
const files = ['src', 'grammar']
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, String(file))))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith('grammar/tools/'));

interface Expression {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

function expressionsIn(file: string): readonly Expression[] {
  const { code } = transformSync(readFileSync(join(root, file), 'utf8'), { loader: 'ts', target: 'esnext' });
  const found: Expression[] = [];
  simple(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }), {
    Literal({ regex }) {
      if (regex) found.push({ place: file, source: regex.pattern, flags: regex.flags });
    },
  });
  return found;
}

/** What could take longer than in proportion to the text, as a line each. */
function faultsOf({ place, source, flags }: Expression): readonly string[] {
  const { reports } = analyse({ source, flags }, { assumeRejectingSuffix: false });
  return reports.map(({ type, exponential }) => `${place}: /${source}/${flags} ${type} ${exponential ? '!!' : ''}`);
}

test('each one takes time in proportion to the text', () => {
  const expressions = files.flatMap(expressionsIn);
  assert.ok(expressions.length > 200, `${expressions.length} found`);
  assert.equal(expressions.flatMap(faultsOf), []);
});

test('so do the shapes of secrets', () => {
  const expressions = SECRET_SHAPES.map(({ name, pattern }) => ({
    place: name,
    source: pattern.source,
    flags: pattern.flags,
  }));
  assert.equal(expressions.flatMap(faultsOf), []);
});

test('the judge knows a bad one', () => {
  assert.is(faultsOf({ place: '', source: '^(?:a+)+$', flags: '' }).length, 1);
  assert.is(faultsOf({ place: '', source: '\\s+$', flags: '' }).length, 1);
});

test('those that are put together while it runs are few, and made of our own words or bounded', () => {
  const makers = files.filter((file) => /\bRegExp\(/.test(readFileSync(join(root, file), 'utf8')));
  assert.equal(makers.sort(), [
    'src/context/patterns/go-class.ts',
    'src/engine/containers/list.ts',
    'src/executor/run/failure/complaint.ts',
    'src/lint/fixes/names.ts',
    'src/lint/secrets/shapes.ts',
    'src/oci/reference.ts',
    'src/plan/lower/copy-flags.ts',
    'src/plan/lower/step-name.ts',
  ]);
});

test.run();
