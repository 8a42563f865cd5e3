/** Support for writing build files: checks, lint, format, and what an editor asks. */
export { type DocumentReport, type LanguageServices, openLanguageServices } from './language-services.ts';
export type { StageQuestion } from './stage-names.ts';
