/** How values are written in flags, build files and URLs, as Go and Docker read them. Pure, and known to nobody in particular. */
export { type CsvLine, splitCsv } from './comma-separated.ts';
export { didYouMean } from './did-you-mean.ts';
export { type GitUrlParts, splitGitUrl } from './git-url.ts';
export { parseBool } from './go-boolean.ts';
export { distanceBelow, type Nearest, type NearestOptions, nearest } from './nearest.ts';
export { parseSize } from './size.ts';
