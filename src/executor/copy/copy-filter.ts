/** Which paths below a source are taken: what its pattern and `--exclude` say. */
import { joinPath, type TreePath } from '../../content/index.ts';
import { compilePatterns } from '../../context/index.ts';
import type { CopyFilter } from './copy.ts';

/** What is included (everything if nothing is said) and not excluded. Paths are relative to the source. */
export function filterOf(includes: readonly string[], excludes: readonly string[]): CopyFilter | undefined {
  if (includes.length === 0 && excludes.length === 0) return undefined;
  const included = includes.length === 0 ? () => true : covers(includes);
  const excluded = excludes.length === 0 ? () => false : covers(excludes);
  return takes((path) => included(path) && !excluded(path));
}

/** `--exclude` where wildcards name the sources: of what they match, and of what is in that. */
export interface WildcardFilter {
  /** `path` is relative to the directory in which the wildcards begin. */
  readonly isExcluded: (path: TreePath) => boolean;
  /**
   * For the contents of a directory that was matched. A pattern may mean the path in that directory, as where it is named
   * without wildcards, or in the one where the wildcards begin.
   */
  readonly inside: (path: TreePath) => CopyFilter | undefined;
}

export function wildcardFilter(excludes: readonly string[]): WildcardFilter {
  if (excludes.length === 0) return { isExcluded: () => false, inside: () => undefined };
  const rules = excludes.map((text) => {
    const excepts = text.startsWith('!');
    return { excepts, matches: covers([excepts ? text.slice(1) : text]) };
  });
  const isExcluded = (...names: readonly TreePath[]): boolean => {
    const last = rules.findLast(({ matches }) => names.some(matches));
    return last !== undefined && !last.excepts;
  };
  return {
    isExcluded: (path) => isExcluded(path),
    inside: (path) => takes((relative) => !isExcluded(relative, joinPath(path, relative))),
  };
}

function takes(wants: (path: TreePath) => boolean): CopyFilter {
  return {
    decide: (relative, isDirectory) => {
      if (wants(relative)) return 'take';
      return isDirectory ? 'descend' : 'skip';
    },
  };
}

function covers(patterns: readonly string[]): (path: string) => boolean {
  const matcher = compilePatterns(patterns);
  return (path) => matcher.find(path).decidedBy >= 0;
}
