/** Finds the files that the sources of a COPY or ADD select. */

import {
  ancestorsOf,
  cleanPath,
  type FileEntry,
  type FileTree,
  joinPath,
  nameOf,
  resolveInTree,
  type TreePath,
} from '../../content/index.ts';
import { compileGoPattern, compilePatterns, hasWildcards } from '../../context/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import type { CopyStep } from '../../plan/index.ts';
import type { CopyItem } from './copy.ts';
import { filterOf, type WildcardFilter, wildcardFilter } from './copy-filter.ts';

/** One file or directory that a source selects, before its destination is known. */
export type Selected = Omit<CopyItem, 'tree' | 'label'>;

/** Returns the deepest directory that contains everything a pattern can match. Only this directory is scanned. */
export function scanRoot(pattern: string, parents: boolean): TreePath {
  const [pivot, below] = splitPivot(pattern, parents);
  const parts = joinPath(pivot, below).split('/').filter(Boolean);
  const wild = parts.findIndex(hasWildcards);
  return (wild < 0 ? parts : parts.slice(0, wild)).join('/');
}

/**
 * Returns what one pattern selects. Undefined: a path without wildcards that does not exist. A pattern with wildcards
 * may match nothing; then nothing is copied.
 */
export function selectFiles(tree: FileTree, pattern: string, step: CopyStep): readonly Selected[] | undefined {
  if (step.parents) return selectWithParents(tree, pattern, step.excludes);
  const parts = pattern.split('/').filter(Boolean);
  const wild = parts.findIndex(hasWildcards);
  if (wild < 0) {
    const path = resolveInTree(tree, pattern);
    const filter = filterOf([], step.excludes);
    return tree.stat(path) ? [{ path, name: nameOf(parts.join('/')), filter }] : undefined;
  }
  requireWellFormed(pattern);
  const start = resolveInTree(tree, parts.slice(0, wild).join('/'));
  return selectMatching(tree, start, { pattern: parts.slice(wild).join('/'), filter: wildcardFilter(step.excludes) });
}

interface MatchRules {
  readonly pattern: string;
  readonly filter: WildcardFilter;
}

/**
 * Leaves out excluded matches. For an excluded directory it still looks at the contents, because an exception (`!`)
 * may include some of them.
 */
function selectMatching(tree: FileTree, start: TreePath, { pattern, filter }: MatchRules): readonly Selected[] {
  const { matches } = compileGoPattern(pattern);
  const selected: Selected[] = [];
  for (const { entry, relative } of findMatches(tree, start, { relative: '', matches })) {
    const path = resolveInTree(tree, entry.path);
    const isDirectory = tree.stat(path)?.type === 'directory';
    if (!isDirectory && filter.isExcluded(relative)) continue;
    selected.push({ path, name: nameOf(entry.path), filter: isDirectory ? filter.inside(relative) : undefined });
  }
  return selected;
}

/** A malformed pattern matches nothing, which looks like a valid pattern without a match. So it is an error. */
export function requireWellFormed(pattern: string): void {
  try {
    compilePatterns([pattern]);
  } catch (error) {
    if (!isMkimageError(error, 'usage')) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new MkimageError('step-failed', error.message, hint);
  }
}

interface MatchPosition {
  readonly relative: string;
  readonly matches: (name: string) => boolean;
}

function* findMatches(
  tree: FileTree,
  directory: TreePath,
  { relative, matches }: MatchPosition,
): Iterable<{ readonly entry: FileEntry; readonly relative: TreePath }> {
  for (const entry of tree.list(directory)) {
    const below = joinPath(relative, nameOf(entry.path));
    if (matches(below)) yield { entry, relative: below };
    else if (entry.type === 'directory') yield* findMatches(tree, entry.path, { relative: below, matches });
  }
}

/** `--parents`: selects the contents of the pivot directory that match the pattern after the pivot. */
function selectWithParents(
  tree: FileTree,
  pattern: string,
  excludes: readonly string[],
): readonly Selected[] | undefined {
  const [pivot, below] = splitPivot(pattern, true);
  const path = resolveInTree(tree, pivot);
  const literal = !hasWildcards(pivot) && !hasWildcards(below);
  if (literal && !tree.stat(joinPath(path, cleanPath(below)))) return undefined;
  if (!tree.stat(path)) return undefined;
  return [{ path, name: '', filter: filterOf(below === '' ? [] : [below], excludes) }];
}

/**
 * Returns the symlink inside the path of a `--parents` pattern, if there is one. Such a path selects nothing: the copy
 * keeps the names of all parent directories, and a link is not the directory that it points to. Links before the pivot
 * are followed.
 */
export function linkOnTheWay(tree: FileTree, pattern: string): TreePath | undefined {
  const [pivot, below] = splitPivot(pattern, true);
  const start = resolveInTree(tree, pivot);
  for (const ancestor of ancestorsOf(cleanPath(below))) {
    if (tree.stat(joinPath(start, ancestor))?.type === 'symlink') return joinPath(start, ancestor);
  }
  return undefined;
}

/** `a/./b/*.c` becomes [`a`, `b/*.c`]. Without a pivot the root is the pivot. */
function splitPivot(pattern: string, parents: boolean): readonly [string, string] {
  const at = pattern.indexOf('/./');
  if (!parents || at < 0) return ['', pattern.replace(/^\/+/, '')];
  return [pattern.slice(0, at).replace(/^\/+/, ''), pattern.slice(at + 3).replace(/^\/+/, '')];
}
