/** Functions are named verb first, so that a call reads as an order: `parsePort`, not `parsedPort` or `port`. */

import ts from '@typescript/typescript6';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lineOf, nodesIn, sources, treeOf } from './source-code.ts';

const test = suite('architecture: names');

/** Verbs that only look like participles. */
const VERBS = new Set(['feed', 'need', 'embed', 'exceed', 'proceed', 'bring', 'ping', 'string']);

test('a function is not named with a participle alone', () => {
  assert.equal(sources.flatMap(listParticiples), []);
});

test('participles are found in functions, methods and functions in variables', () => {
  const text =
    'function parsed() {} const quoted = () => 1; class A { #locked() {} feed() {} } const o = { sharing: () => 1 };';
  const tree = ts.createSourceFile('a.ts', text, ts.ScriptTarget.ESNext);
  assert.equal([...nodesIn(tree)].flatMap(findName).filter(isParticiple), ['parsed', 'quoted', '#locked']);
});

test.run();

function listParticiples(file: string): string[] {
  const tree = treeOf(file);
  return [...nodesIn(tree)].flatMap((node) =>
    findName(node)
      .filter(isParticiple)
      .map((name) => `${file}:${lineOf(tree, node.getStart(tree))} ${name}`),
  );
}

function isParticiple(name: string): boolean {
  return /^#?[a-z]+(?:ed|ing)$/.test(name) && !VERBS.has(name.replace('#', ''));
}

/** The name of a function, if the node declares one. Members of object literals are data: their names are keys. */
function findName(node: ts.Node): string[] {
  const isVariable = ts.isVariableDeclaration(node) && node.initializer !== undefined && isFunction(node.initializer);
  const isNamed = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isMethodSignature(node);
  if (!isVariable && !isNamed) return [];
  const { name } = node;
  return name !== undefined && (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) ? [name.text] : [];
}

function isFunction(node: ts.Node): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}
