/** Writes build files as they should be written. Pure: text to text. */
export { type DiffOptions, unifiedDiff } from './diff.ts';
export { type Formatted, formatBuildFile } from './format-build-file.ts';
