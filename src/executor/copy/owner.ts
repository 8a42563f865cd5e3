import type { FileTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { lookupOwner } from '../../process/index.ts';
import type { Call } from '../../progress.ts';
import type { Owner } from './copy.ts';

/**
 * Finds the ids of `user[:group]` in this root filesystem. An unknown name becomes root, with a warning. In an empty
 * root filesystem only `root` is known; other names are an error.
 */
export async function ownerOf(tree: FileTree, spec: string, call: Call): Promise<Owner> {
  const isNamed = spec.split(':').some((name) => name !== 'root' && /\D/.test(name));
  if (isNamed && tree.list('').length === 0) {
    throw new MkimageError('step-failed', `look up owner \`${spec}\`: the image is empty`, {
      hint: 'use numeric ids, or copy /etc/passwd and /etc/group first',
    });
  }
  const { uid, gid, unknown } = await lookupOwner(tree, spec);
  for (const name of unknown) {
    call.report({
      type: 'warning',
      message: `\`${name}\` is not in /etc/passwd or /etc/group of the image; using root`,
    });
  }
  return { uid, gid };
}
