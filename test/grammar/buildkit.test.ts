import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSyntax } from '../../grammar/index.ts';
import { parseBuildFile } from '../../src/instructions/index.ts';
import { withNeeds } from '../support/needs.ts';
import { dumpInstruction } from './dump-syntax.ts';

const test = suite("BuildKit's own parser cases");
const conformance = process.env.MKIMAGE_CONFORMANCE;
const folder = join(conformance ?? '', 'parser');
const missing = conformance !== undefined && existsSync(folder) ? undefined : 'the folder MKIMAGE_CONFORMANCE';
const testWith = withNeeds(test, { missing });

const cases = (name: string) => (missing === undefined ? readdirSync(join(folder, name)).sort() : []);
const read = (...path: readonly string[]) => readFileSync(join(folder, ...path), 'utf8');

testWith('its valid files have the same parse tree', () => {
  const names = cases('testfiles');
  assert.ok(names.length > 30);
  for (const name of names) {
    const { cst } = parseSyntax(read('testfiles', name, 'Dockerfile'));
    const found = (cst.children.instruction ?? []).map(dumpInstruction).join('\n');
    assert.is(found, read('testfiles', name, 'result').trimEnd(), name);
  }
});

testWith('its invalid files are refused', () => {
  const names = cases('testfiles-negative');
  assert.ok(names.length >= 4);
  for (const name of names) {
    const { diagnostics } = parseBuildFile(read('testfiles-negative', name, 'Dockerfile'));
    assert.ok(
      diagnostics.some(({ severity }) => severity === 'error'),
      name,
    );
  }
});

testWith('instructions lie on the same lines', () => {
  const { instructions } = parseBuildFile(read('testfile-line', 'Dockerfile'));
  const lines = instructions.map(({ range }) => `${range.start.line}-${range.end.line}`);
  assert.equal(lines, ['5-5', '11-12', '17-31']);
});

test.run();
