/** How much there may be in one place, so that it can be read at once. */

import ts from '@typescript/typescript6';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lineOf, nodesIn, sources, treeOf } from './source-code.ts';

const test = suite('architecture: sizes');

const LINES_OF_A_FUNCTION = 45;

test('a function is short', () => {
  assert.equal(sources.flatMap(longFunctions), []);
});

test('there is no attic', () => {
  const broken = sources.filter((file) => /(^|\/)(utils?|helpers?|common|misc|types)(\.ts|\/)/.test(file));
  assert.equal(broken, []);
});

test.run();

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
