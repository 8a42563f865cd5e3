import { MkimageError, type SourceText } from '../../../errors.ts';
import type { Diagnostic } from '../../../instructions/index.ts';

/** The error that carries what is wrong with a build file, and the text that it is shown in. */
export function faultyFileError(file: SourceText, diagnostics: readonly Diagnostic[]): MkimageError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  const [error] = errors;
  if (error !== undefined && errors.every(({ code }) => code === 'base-unavailable')) {
    if (errors.length === 1) return baseUnavailable(file, error);
    return new MkimageError('base-unavailable', `cannot resolve ${errors.length} base images`, {
      evidence: { file, diagnostics },
    });
  }
  return new MkimageError('build-file', `\`${file.name}\` has ${count}`, { evidence: { file, diagnostics } });
}

/** The one thing that is wrong is the error itself, so that it is said once and last. */
function baseUnavailable(file: SourceText, { message, hint, range }: Diagnostic): MkimageError {
  return new MkimageError('base-unavailable', message, { hint, place: { file, range } });
}
