/** Decides which paths below a source are copied: by the pattern of the source and by `--exclude`. */
import { joinPath, type TreePath } from '../../content/index.ts';
import { compilePatterns } from '../../context/index.ts';
import type { CopyFilter } from './copy.ts';

/** Selects what is included (everything if `includes` is empty) and not excluded. Paths are relative to the source. */
export function filterOf(includes: readonly string[], excludes: readonly string[]): CopyFilter | undefined {
  if (includes.length === 0 && excludes.length === 0) return undefined;
  const included = includes.length === 0 ? () => true : covers(includes);
  const excluded = excludes.length === 0 ? () => false : covers(excludes);
  return takes((path) => included(path) && !excluded(path));
}

/** `--exclude` for sources with wildcards. It applies to the matches and to the contents of matched directories. */
export interface WildcardFilter {
  /** `path` is relative to the directory in which the wildcards begin. */
  readonly isExcluded: (path: TreePath) => boolean;
  /**
   * The filter for the contents of a matched directory. An exclude pattern can be relative to that directory (as
   * without wildcards) or to the directory in which the wildcards begin.
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
