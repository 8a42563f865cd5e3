import type { FileTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { lookupOwner } from '../../process/index.ts';
import type { Call } from '../../progress.ts';
import type { Owner } from './copy.ts';

/**
 * Who `user[:group]` is in this root filesystem. A name it does not know counts as root, with a warning; an empty one knows none
 * but `root`.
 */
export async function ownerOf(tree: FileTree, spec: string, call: Call): Promise<Owner> {
  const isNamed = spec.split(':').some((name) => name !== 'root' && /\D/.test(name));
  if (isNamed && tree.list('').length === 0) {
    throw new MkimageError('step-failed', `look up owner \`${spec}\`: there is nothing in the image yet`, {
      hint: 'give numbers, or copy /etc/passwd and /etc/group first',
    });
  }
  const { uid, gid, unknown } = await lookupOwner(tree, spec);
  for (const name of unknown) {
    call.report({
      type: 'warning',
      message: `\`${name}\` is not in /etc/passwd or /etc/group of the image; root is used`,
    });
  }
  return { uid, gid };
}
