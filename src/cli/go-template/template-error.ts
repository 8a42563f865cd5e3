import { MkimageError } from '../../errors.ts';

/** A fault of a template, in Docker's words. */
export function createTemplateError(problem: string): MkimageError {
  return new MkimageError('usage', `template parsing error: ${problem}`, {
    hint: 'the language is that of docker: https://pkg.go.dev/text/template',
  });
}
