/** The source as the rules see it: files, their syntax trees and what they import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from '@typescript/typescript6';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface Import {
  readonly file: string;
  /** A file of the source by its path from the root, else what is written: `node:fs`, `undici`. */
  readonly target: string;
  /** Loaded when it is needed, by `import()`. */
  readonly isLate: boolean;
  /** Only types are taken, so that nothing is loaded. */
  readonly isType: boolean;
}

/** All that is compiled into the program. */
export const sources = [...filesBelow('src'), ...filesBelow('grammar')].filter(
  (file) => file.endsWith('.ts') && !file.startsWith('grammar/tools/'),
);
export const imports = sources.flatMap(importsOf);

/** Paths from the root. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

export function text(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** The text without comments. */
export function code(file: string): string {
  return text(file).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
}

export function treeOf(file: string): ts.SourceFile {
  return ts.createSourceFile(file, text(file), ts.ScriptTarget.ESNext);
}

/** The node and all below it. */
export function* nodesIn(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesIn(child);
}

export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

function importsOf(file: string): Import[] {
  return [...nodesIn(treeOf(file))].flatMap((node): Import[] => {
    const named = importedBy(node);
    return named === undefined ? [] : [{ file, ...named, target: resolveTarget(file, named.target) }];
  });
}

function importedBy(node: ts.Node): Omit<Import, 'file'> | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return undefined;
    return { target: moduleSpecifier.text, isLate: false, isType: takesTypesOnly(node) };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [target] = node.arguments;
    return target && ts.isStringLiteral(target) ? { target: target.text, isLate: true, isType: false } : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal))
    return { target: node.argument.literal.text, isLate: false, isType: true };
  return undefined;
}

function takesTypesOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    const names = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements : undefined;
    return node.isTypeOnly || (names?.every(({ isTypeOnly }) => isTypeOnly) ?? false);
  }
  const clause = node.importClause;
  if (clause === undefined) return false;
  const names =
    clause.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : undefined;
  return clause.isTypeOnly || (!clause.name && (names?.every(({ isTypeOnly }) => isTypeOnly) ?? false));
}

function resolveTarget(file: string, target: string): string {
  if (target === '#grammar') return 'grammar/index.ts';
  return target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target;
}

/** `src/store/refs.ts` is in the room `store`, `src/engine/state/du.ts` in `engine/state`; `src/errors.ts` is a room by itself. */
export function roomOf(path: string): string | undefined {
  if (path.startsWith('grammar/')) return 'grammar';
  const match = /^src\/((?:engine|daemon)\/[^/.]+(?=\/)|[^/.]+)(?:\.ts$|\/)/.exec(path);
  return match?.[1] === 'index' ? undefined : match?.[1];
}

/** What can only be imported by who knows the machine. */
export const OUTSIDE = /^node:(fs|child_process|net|http|https|http2|dgram|dns|tls|process|os|worker_threads|timers)/;

export function show({ file, target }: Import): string {
  return `${file} imports ${target}`;
}
