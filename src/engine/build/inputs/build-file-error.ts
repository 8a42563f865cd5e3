import type { BuildFileFault } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { Diagnostic } from '../../../instructions/index.ts';

/** The error that carries what is wrong with a build file, and the text that it is shown in. */
export function faultyFileError(
  file: Omit<BuildFileFault, 'diagnostics'>,
  diagnostics: readonly Diagnostic[],
): MkimageError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  const fault: BuildFileFault = { ...file, diagnostics };
  const [error] = errors;
  if (error !== undefined && errors.every(({ code }) => code === 'base-unavailable')) {
    if (errors.length === 1) return baseUnavailable(file, error);
    return new MkimageError('registry', `${errors.length} images that the build needs cannot be had`, {
      details: { ...fault },
    });
  }
  return new MkimageError('build-file', `\`${file.name}\` has ${count}`, { details: { ...fault } });
}

/** The one thing that is wrong is the error itself, so that it is said once and last. */
function baseUnavailable(
  file: Omit<BuildFileFault, 'diagnostics'>,
  { message, hint, range }: Diagnostic,
): MkimageError {
  return new MkimageError('registry', message, { ...(hint === undefined ? {} : { hint }), details: { file, range } });
}
