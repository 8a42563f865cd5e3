/**
 * `using` ends what it holds when its function returns. A promise that is returned without being waited for goes on after that,
 * with a lock that is open or a file that is gone.
 */
import ts from '@typescript/typescript6';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lineOf, nodesIn, sources, treeOf } from './source-code.ts';

const test = suite('architecture: disposal');

const trees = sources.map(treeOf);
/** Names of all functions and members that return promises; another function of that name is taken for one of them. */
const promising = new Set(trees.flatMap((tree) => [...nodesIn(tree)].flatMap((node) => nameOfPromising(tree, node))));

test('what is held with `using` is held until the work is done', () => {
  assert.ok(promising.has('openLocalContext') || promising.has('copyContent'));
  assert.equal(
    trees.flatMap((tree) => earlyReturns(tree)),
    [],
  );
});

test('the judge knows an early return', () => {
  const judge = (body: string) =>
    earlyReturns(ts.createSourceFile('x.ts', `async function f() { ${body} }`, ts.ScriptTarget.ESNext)).length;
  assert.is(judge('await using a = b(); return copyContent(a);'), 1);
  assert.is(judge('using a = b(); if (a) { return c ? d : copyContent(a); }'), 1);
  assert.is(judge('await using a = b(); return await copyContent(a);'), 0);
  assert.is(judge('if (c) return copyContent(c); await using a = b();'), 0);
  assert.is(judge('{ using a = b(); } return copyContent(c);'), 0);
});

test.run();

function nameOfPromising(tree: ts.SourceFile, node: ts.Node): string[] {
  if (ts.isVariableDeclaration(node) && node.initializer && ts.isFunctionLike(node.initializer))
    return returnsPromise(tree, node.initializer) ? [node.name.getText(tree)] : [];
  if (ts.isFunctionLike(node)) return node.name && returnsPromise(tree, node) ? [node.name.getText(tree)] : [];
  const kind = ts.isPropertySignature(node) ? node.type : ts.isPropertyAssignment(node) ? node.initializer : undefined;
  if (kind === undefined || !ts.isFunctionLike(kind) || !returnsPromise(tree, kind)) return [];
  return [(node as ts.PropertySignature | ts.PropertyAssignment).name.getText(tree)];
}

function returnsPromise(tree: ts.SourceFile, node: ts.SignatureDeclaration): boolean {
  const isAsync = ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(isAsyncWord);
  const isGenerator = 'asteriskToken' in node && node.asteriskToken !== undefined;
  return !isGenerator && (isAsync === true || node.type?.getText(tree).startsWith('Promise<') === true);
}

function isAsyncWord({ kind }: ts.Modifier): boolean {
  return kind === ts.SyntaxKind.AsyncKeyword;
}

/** Returns of promises in a block, after a `using` of the same block. */
function earlyReturns(tree: ts.SourceFile): string[] {
  return [...nodesIn(tree)].flatMap((node) => {
    if (!ts.isBlock(node) && !ts.isCaseOrDefaultClause(node)) return [];
    const first = node.statements.findIndex(holdsSomething);
    if (first < 0) return [];
    const returns = node.statements.slice(first + 1).flatMap((each) => [...returnsIn(each)]);
    return returns.filter(givesPromise).map((each) => `${tree.fileName}:${lineOf(tree, each.getStart(tree))}`);
  });
}

function holdsSomething(statement: ts.Statement): boolean {
  return ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Using) !== 0;
}

/** Those of this function, not of functions within it. */
function* returnsIn(node: ts.Node): Generator<ts.ReturnStatement> {
  if (ts.isFunctionLike(node)) return;
  if (ts.isReturnStatement(node)) yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* returnsIn(child);
}

function givesPromise({ expression }: ts.ReturnStatement): boolean {
  return expression !== undefined && isPromise(expression);
}

function isPromise(value: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(value)) return isPromise(value.expression);
  if (ts.isConditionalExpression(value)) return isPromise(value.whenTrue) || isPromise(value.whenFalse);
  if (ts.isBinaryExpression(value)) return isPromise(value.left) || isPromise(value.right);
  if (!ts.isCallExpression(value)) return false;
  const called = value.expression;
  const name = ts.isPropertyAccessExpression(called) ? called.name : called;
  return ts.isIdentifier(name) && promising.has(name.text);
}
