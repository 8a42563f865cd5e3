/** Formats build files. Pure: text to text. */
export { type DiffOptions, formatDiff } from './diff.ts';
export { type Formatted, formatBuildFile } from './format-build-file.ts';
