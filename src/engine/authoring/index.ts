/** What helps somebody who writes a build file: checks, lint, format, and what an editor asks. */
export type { BuildFileAnswer, Question } from './ask-build-file.ts';
export type { FormattedFile } from './format-file.ts';
export { type DocumentReport, type LanguageServices, openLanguageServices } from './language-services.ts';
export type { LintAnswer } from './lint.ts';
export type { ContextRequest, HiddenEntry, ListedContext } from './list-context.ts';
