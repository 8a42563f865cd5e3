import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { OutputSpec } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';

/**
 * `mode=delete` takes away what is in a directory and not in the image. Outside of the working directory that has to be
 * allowed: a slip in the name would cost a home directory. Throws `usage`.
 */
export function refuseFarDelete(
  outputs: readonly OutputSpec[],
  allow: readonly string[],
  workingDirectory: string,
): void {
  if (allow.some((entitlement) => /^buildx\.local\.delete(?:=|$)/.test(entitlement))) return;
  const here = realpathSync(workingDirectory);
  const far = outputs.find(
    (output) =>
      output.type === 'local' &&
      output.mode === 'delete' &&
      !realPlaceOf(resolve(here, output.dest)).startsWith(`${here}${sep}`),
  );
  if (far?.type !== 'local') return;
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
