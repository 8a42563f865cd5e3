/** What helps somebody who writes a build file: checks, lint, format, and what an editor asks. */
export { type DocumentReport, type LanguageServices, openLanguageServices } from './language-services.ts';
