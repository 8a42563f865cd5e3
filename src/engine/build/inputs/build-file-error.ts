import { MkimageError, type SourceText } from '../../../errors.ts';
import type { Diagnostic } from '../../../instructions/index.ts';

/** Creates the error with all problems of a build file, and the text to show them in. */
export function createBuildFileError(file: SourceText, diagnostics: readonly Diagnostic[]): MkimageError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  const [error] = errors;
  if (error !== undefined && errors.every(({ code }) => code === 'base-unavailable')) {
    if (errors.length === 1) return toBaseError(file, error);
    return new MkimageError('base-unavailable', `cannot resolve ${errors.length} base images`, {
      evidence: { file, diagnostics },
    });
  }
  return new MkimageError('build-file', `\`${file.name}\` has ${count}`, { evidence: { file, diagnostics } });
}

/** If there is only one problem, the error has its message, so that it is shown only once. */
function toBaseError(file: SourceText, { message, hint, range }: Diagnostic): MkimageError {
  return new MkimageError('base-unavailable', message, { hint, place: { file, range } });
}
