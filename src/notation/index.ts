/** Parses values of flags, build files and URLs in the syntax of Go and Docker. Pure. */
export { type CsvLine, splitCsv } from './comma-separated.ts';
export { createSuggestionHint } from './did-you-mean.ts';
export { type GitUrlParts, splitGitUrl } from './git-url.ts';
export { parseBool } from './go-boolean.ts';
export { computeDistance, findNearest, type Nearest, type NearestOptions } from './nearest.ts';
export { parseSize } from './size.ts';
export { stripEnd } from './strip-end.ts';
