import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { OutputSpec } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';

/**
 * Refuses `mode=delete` for a directory outside of the working directory, unless `--allow` permits it. `mode=delete` deletes
 * every file of the directory that is not in the image, so a wrong path could delete a home directory. Throws `usage`.
 */
export function refuseDeleteOutside(
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
      !resolveRealPath(resolve(here, output.dest)).startsWith(`${here}${sep}`),
  );
  if (far?.type !== 'local') return;
  throw new MkimageError(
    'usage',
    `write output to \`${far.dest}\`: \`mode=delete\` is only allowed below the working directory`,
    {
      hint: 'add `--allow buildx.local.delete` to allow other directories',
    },
  );
}

/** Resolves the symbolic links of the part of a path that exists. */
function resolveRealPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return join(resolveRealPath(dirname(path)), basename(path));
  }
}
