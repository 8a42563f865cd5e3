/** How much there may be in one place, so that it can be read at once. */

import { dirname } from 'node:path';
import ts from '@typescript/typescript6';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { filesBelow, lineOf, nodesIn, sources, text, treeOf } from './source-code.ts';

const test = suite('architecture: sizes');

const FILES_OF_A_FOLDER = 20;
const LINES_OF_A_FILE = 250;
const LINES_OF_A_FUNCTION = 45;
const PARAMETERS_OF_A_FUNCTION = 3;

test('a folder of the source has few files', () => {
  const counts = new Map<string, number>();
  for (const file of ['src', 'grammar'].flatMap(filesBelow))
    counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  const broken = [...counts].filter(([, count]) => count > FILES_OF_A_FOLDER);
  assert.equal(
    broken.map(([folder, count]) => `${folder} has ${count} files`),
    [],
  );
});

test('a file is short, except where it is generated', () => {
  const broken = sources
    .filter((file) => !file.startsWith('grammar/generated/'))
    .map((file) => ({ file, lines: text(file).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > LINES_OF_A_FILE);
  assert.equal(
    broken.map(({ file, lines }) => `${file} has ${lines} lines`),
    [],
  );
});

test('a function is short', () => {
  assert.equal(sources.flatMap(longFunctions), []);
});

test('a function has at most three positional parameters', () => {
  assert.equal(sources.flatMap(listLongParameterLists), []);
});

test('there is no attic', () => {
  const broken = sources.filter((file) => /(^|\/)(utils?|helpers?|common|misc|types)(\.ts|\/)/.test(file));
  assert.equal(broken, []);
});

test.run();

/** Types of functions and methods are included; `this` does not count. */
function listLongParameterLists(file: string): string[] {
  const tree = treeOf(file);
  return [...nodesIn(tree)].flatMap((node) => {
    if (!ts.isFunctionLike(node)) return [];
    const parameters = node.parameters.map(({ name }) => name.getText(tree)).filter((name) => name !== 'this');
    if (parameters.length <= PARAMETERS_OF_A_FUNCTION) return [];
    return [`${file}:${lineOf(tree, node.getStart(tree))} has the parameters ${parameters.join(', ')}`];
  });
}

/** A function is measured from its first word to its closing brace, its comment left out. */
function longFunctions(file: string): string[] {
  const tree = treeOf(file);
  return [...nodesIn(tree)].flatMap((node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return [];
    const start = lineOf(tree, node.getStart(tree));
    const lines = lineOf(tree, node.end) - start + 1;
    return lines > LINES_OF_A_FUNCTION ? [`${file}:${start} is a function of ${lines} lines`] : [];
  });
}
