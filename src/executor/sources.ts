/** Which files the sources of a COPY or ADD name. */

import { type FileEntry, type FileTree, joinPath, nameOf, resolveInTree, type TreePath } from '../content/index.ts';
import { compileGoPattern, compilePatterns, hasWildcards } from '../context/index.ts';
import { isMkimageError, MkimageError } from '../errors.ts';
import type { CopyStep } from '../plan/index.ts';
import type { CopyFilter, CopyItem } from './ops/copy.ts';

/** One file or directory that a source names, before it is known where it goes. */
export type Selected = Omit<CopyItem, 'tree' | 'label'>;

/** The path of the deepest directory that holds everything a pattern can match: what has to be scanned. */
export function scanRoot(pattern: string, parents: boolean): TreePath {
  const [pivot, below] = splitPivot(pattern, parents);
  const parts = joinPath(pivot, below).split('/').filter(Boolean);
  const wild = parts.findIndex(hasWildcards);
  return (wild < 0 ? parts : parts.slice(0, wild)).join('/');
}

/**
 * What one pattern selects. Undefined: a path without wildcards that does not exist. A pattern with wildcards may select
 * nothing, and then copies nothing.
 */
export function selectFiles(tree: FileTree, pattern: string, step: CopyStep): readonly Selected[] | undefined {
  const excluded = excludeFilter(step.excludes);
  if (step.parents) return selectWithParents(tree, pattern, step.excludes);
  const parts = pattern.split('/').filter(Boolean);
  const wild = parts.findIndex(hasWildcards);
  if (wild < 0) {
    const path = resolveInTree(tree, pattern);
    return tree.stat(path) ? [{ path, name: nameOf(parts.join('/')), filter: excluded }] : undefined;
  }
  requireWellFormed(pattern);
  const start = resolveInTree(tree, parts.slice(0, wild).join('/'));
  const { matches } = compileGoPattern(parts.slice(wild).join('/'));
  return [...matching(tree, start, '', matches)].map((entry) => ({
    path: resolveInTree(tree, entry.path),
    name: nameOf(entry.path),
    filter: excluded,
  }));
}

/** A malformed pattern matches nothing, and would pass for one that happens to. */
function requireWellFormed(pattern: string): void {
  try {
    compilePatterns([pattern]);
  } catch (error) {
    if (!isMkimageError(error, 'usage')) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new MkimageError('step-failed', error.message, hint);
  }
}

function* matching(
  tree: FileTree,
  directory: TreePath,
  relative: string,
  matches: (name: string) => boolean,
): Iterable<FileEntry> {
  for (const entry of tree.list(directory)) {
    const below = joinPath(relative, nameOf(entry.path));
    if (matches(below)) yield entry;
    else if (entry.type === 'directory') yield* matching(tree, entry.path, below, matches);
  }
}

/** `--parents`: the contents of the pivot directory, but only what the pattern after it matches. */
function selectWithParents(
  tree: FileTree,
  pattern: string,
  excludes: readonly string[],
): readonly Selected[] | undefined {
  const [pivot, below] = splitPivot(pattern, true);
  const path = resolveInTree(tree, pivot);
  const literal = !hasWildcards(pivot) && !hasWildcards(below);
  if (literal && !tree.stat(resolveInTree(tree, joinPath(path, below)))) return undefined;
  if (!tree.stat(path)) return undefined;
  return [{ path, name: '', filter: filterOf(below === '' ? [] : [below], excludes) }];
}

/** `a/./b/*.c` is [`a`, `b/*.c`]; without a pivot the root is the pivot. */
function splitPivot(pattern: string, parents: boolean): readonly [string, string] {
  const at = pattern.indexOf('/./');
  if (!parents || at < 0) return ['', pattern.replace(/^\/+/, '')];
  return [pattern.slice(0, at).replace(/^\/+/, ''), pattern.slice(at + 3).replace(/^\/+/, '')];
}

function excludeFilter(excludes: readonly string[]): CopyFilter | undefined {
  return excludes.length === 0 ? undefined : filterOf([], excludes);
}

function filterOf(includes: readonly string[], excludes: readonly string[]): CopyFilter {
  const included = includes.length === 0 ? () => true : covers(includes);
  const excluded = excludes.length === 0 ? () => false : covers(excludes);
  return {
    decide: (relative, isDirectory) => {
      if (included(relative) && !excluded(relative)) return 'take';
      return isDirectory ? 'descend' : 'skip';
    },
  };
}

function covers(patterns: readonly string[]): (path: string) => boolean {
  const matcher = compilePatterns(patterns);
  return (path) => matcher.find(path).decidedBy >= 0;
}
