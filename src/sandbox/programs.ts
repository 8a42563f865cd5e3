import { MkimageError } from '../errors.ts';
import { findHostProgram, HOST_FOLDERS, HOST_PATH } from '../host/index.ts';

/** The environment of the host's programs that prepare a step. It selects the old mount calls, whose options are limited to a page. */
export const HOST_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: HOST_PATH,
  LC_ALL: 'C',
  LIBMOUNT_FORCE_MOUNT2: 'always',
};

/** Returns the absolute path of a host program. Throws `sandbox` if it is not found. */
export function programPath(name: string): string {
  const found = findHostProgram(name);
  if (found !== undefined) return found;
  throw new MkimageError('sandbox', `find program \`${name}\`: it is in none of ${HOST_FOLDERS.join(', ')}`, {
    hint: 'runtimes need a shell and util-linux (mount) beside them; --isolation=namespaces needs no program',
  });
}
