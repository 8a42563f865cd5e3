/**
 * PORT. Build contexts: what COPY, ADD and `--mount=type=bind` see. Backends: local.ts (directory), archive.ts (tar),
 * git.ts, http.ts.
 */
import type { FileTree } from '../content/index.ts';
import type { Call } from '../progress.ts';
import type { IgnoreMatch } from './patterns/ignore.ts';

export { type ContentListing, type ListingOptions, listing, type Selection } from './content-digest.ts';
export { isStatTable } from './local/stat-table.ts';
export { compileGoPattern, type GoPattern, hasWildcards } from './patterns/go-pattern.ts';
export { type IgnoreMatch, type IgnoreRules, ignoreMatch, parseIgnoreFile } from './patterns/ignore.ts';
export { compilePatterns, type MatchState, type PathMatcher } from './patterns/path-matcher.ts';

/** A context that can be read. Everything in it belongs to 0:0 (Docker), and nothing that is ignored is seen. */
export interface BuildContext extends AsyncDisposable {
  /** What a person calls it: the path or URL it came from, without credentials. */
  readonly name: string;
  /** When it was made, in seconds since 1970: of a repository the time of the commit, of an archive that of its newest file. */
  readonly time?: number | undefined;
  /** Lists what is below the paths (all, with `['']`), walking no other directory; later calls reuse what was listed. */
  scan(paths: readonly string[], call: Call): Promise<FileTree>;
  /** The ignore line that hides an existing path. */
  ignoredBy(path: string): IgnoreMatch | undefined;
  /** Existing paths that look like a missing one. */
  similar(path: string): Promise<readonly string[]>;
  /** Remembers digests for the next build (stat cache). Never throws. */
  save(): void;
}
