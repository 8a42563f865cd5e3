import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { MkimageError } from '../../errors.ts';

interface Emptied {
  readonly type: string;
  readonly dest?: string;
  readonly mode?: 'copy' | 'delete';
}

/**
 * `mode=delete` takes away what is in a directory and not in the image. Outside of the working directory that has to be
 * allowed: a slip in the name would cost a home directory. Throws `usage`.
 */
export function refuseFarDelete(outputs: readonly Emptied[], allow: readonly string[], workingDirectory: string): void {
  if (allow.some((entitlement) => /^buildx\.local\.delete(?:=|$)/.test(entitlement))) return;
  const here = realpathSync(workingDirectory);
  const far = outputs.find(
    ({ type, mode, dest }) =>
      type === 'local' && mode === 'delete' && !realPlaceOf(resolve(here, dest ?? '')).startsWith(`${here}${sep}`),
  );
  if (far === undefined) return;
  throw new MkimageError(
    'usage',
    `empty \`${far.dest}\`: \`mode=delete\` is for directories below the working directory`,
    {
      hint: 'add `--allow buildx.local.delete`',
    },
  );
}

/** Where a path leads, as far as it exists. */
function realPlaceOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return join(realPlaceOf(dirname(path)), basename(path));
  }
}
