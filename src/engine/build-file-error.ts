import { MkimageError } from '../errors.ts';
import type { Diagnostic } from '../instructions/index.ts';
import type { BuildFileFault } from './build-request.ts';

/** The error that carries what is wrong with a build file, and the text that it is shown in. */
export function faultyFileError(
  file: Omit<BuildFileFault, 'diagnostics'>,
  diagnostics: readonly Diagnostic[],
): MkimageError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  const fault: BuildFileFault = { ...file, diagnostics };
  if (errors.length > 0 && errors.every(({ code }) => code === 'base-unavailable')) {
    const what = errors.length === 1 ? 'an image' : `${errors.length} images`;
    return new MkimageError('registry', `${what} that the build needs cannot be had`, { details: { ...fault } });
  }
  return new MkimageError('build-file', `\`${file.name}\` has ${count}`, { details: { ...fault } });
}
