/** Creates the error for a source that does not exist. */
import { cleanPath, type FileTree, joinPath, resolveInTree, type TreePath } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import type { FileSource } from '../../plan/index.ts';
import type { ContextAccess } from '../services.ts';

type Describing = Pick<ContextAccess, 'describeMissing'>;

export interface SourcePath {
  readonly from: FileSource;
  readonly path: string;
}

/** Creates the error for a path that does not exist, or that contains a symlink without a target. */
export async function missingSource(
  services: Describing,
  tree: FileTree,
  { from, path }: SourcePath,
): Promise<MkimageError> {
  const link = danglingLink(tree, path);
  const { message, hint } = await services.describeMissing(from, link?.leadsTo ?? path);
  const whole = link === undefined ? message : `\`${link.path}\` is a symbolic link to \`${link.target}\`: ${message}`;
  return new MkimageError('source-missing', whole, { hint });
}

interface DanglingLink {
  readonly path: TreePath;
  readonly target: string;
  readonly leadsTo: TreePath;
}

function danglingLink(tree: FileTree, path: string): DanglingLink | undefined {
  let at: TreePath = '';
  for (const name of cleanPath(path).split('/')) {
    const here = joinPath(at, name);
    at = resolveInTree(tree, here);
    const entry = tree.stat(here);
    if (entry === undefined) return undefined;
    if (tree.stat(at) === undefined) return { path: here, target: entry.linkname ?? '', leadsTo: at };
  }
  return undefined;
}
