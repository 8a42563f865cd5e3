/** Checks a source of COPY or ADD before anything is copied. */
import type { FileTree } from '../../content/index.ts';
import { hasWildcards } from '../../context/index.ts';
import { MkimageError } from '../../errors.ts';
import type { CopyStep } from '../../plan/index.ts';
import type { ContextAccess } from '../services.ts';
import { missingSource } from '../sources/missing-source.ts';
import { linkOnTheWay, requireWellFormed, selectFiles } from './named-files.ts';

type Describing = Pick<ContextAccess, 'describeMissing'>;

interface PatternInTree {
  readonly tree: FileTree;
  readonly pattern: string;
}

/**
 * Returns undefined if nothing is wrong. A pattern with wildcards may match nothing; a malformed pattern throws
 * `step-failed`.
 */
export async function copySourceFault(
  services: Describing,
  step: CopyStep,
  { tree, pattern }: PatternInTree,
): Promise<MkimageError | undefined> {
  if (hasWildcards(pattern)) {
    requireWellFormed(pattern);
    return undefined;
  }
  return selectFiles(tree, pattern, step) ? undefined : missingCopySource(services, step, { tree, path: pattern });
}

interface PathInTree {
  readonly tree: FileTree;
  readonly path: string;
}

/** Creates the error for a path that `selectFiles` did not find. */
export async function missingCopySource(
  services: Describing,
  step: CopyStep,
  { tree, path }: PathInTree,
): Promise<MkimageError> {
  const link = step.parents ? linkOnTheWay(tree, path) : undefined;
  if (link === undefined) return missingSource(services, tree, { from: step.from, path });
  const { message, hint } = throughLink(path, link);
  return new MkimageError('source-missing', message, { hint });
}

/** Message and hint for a path that `--parents` does not copy. */
export function throughLink(path: string, link: string): { readonly message: string; readonly hint: string } {
  return {
    message: `\`${path}\` contains the symbolic link \`${link}\`, which --parents does not follow`,
    hint: 'name the path without links, or put `/./` after the link: --parents does not keep the part before it',
  };
}
