/**
 * PORT. Build contexts: what COPY, ADD and `--mount=type=bind` see. Backends: local/ (directory), archive.ts (tar), git/
 * (repository), http/ (URL: a file, which may be an archive), empty.ts. `test/contract/context.ts` is the same in tests.
 *
 * - **Idempotence:** reading changes nothing. Scans can be repeated and can run in parallel. All return the same tree; listed
 *   entries do not change, and a digest matches the bytes at `locate`.
 * - **Atomicity:** a context is opened whole or not at all. If opening fails, its temporary files are removed.
 * - **Confinement:** no path leads out of the root, and no symlink is followed: symlinks are entries like others.
 * - **Ownership:** the caller disposes an opened context after the last read of its trees. Disposing twice is allowed. It removes
 *   the temporary files of this context.
 * - **Errors:** opening throws `not-found` for a missing source, `build-file` for a malformed ignore file, `invalid-archive` and
 *   `limit` for hostile bytes, `network`, `integrity` and `usage` for fetches, `cancelled`; trees throw `not-found` for a path that
 *   is not one of their files.
 */
import type { FileTree } from '../content/index.ts';
import type { Call } from '../progress.ts';
import type { IgnoreMatch } from './patterns/ignore.ts';

export { type ContentListing, type ListingOptions, listSelections, type Selection } from './content-digest.ts';
export type { GitSsh, HostKeys } from './git/ssh-command.ts';
export { isStatTable } from './local/stat-table.ts';
export { compileGoPattern, type GoPattern, hasWildcards } from './patterns/go-pattern.ts';
export { type IgnoreMatch, type IgnoreRules, ignoreMatch, parseIgnoreFile } from './patterns/ignore.ts';
export { compilePatterns, type MatchState, type PathMatcher } from './patterns/path-matcher.ts';

/** An opened context. As in Docker, all files belong to 0:0, and ignored files are not visible. */
export interface BuildContext extends AsyncDisposable {
  /** The name in messages: its path or URL, without credentials. */
  readonly name: string;
  /** Its time in seconds since 1970: of a repository the time of the commit, of an archive the time of its newest file. */
  readonly time?: number | undefined;
  /** Lists the entries below the paths (all, with `['']`) and no other directory. Later calls reuse the listing. */
  scan(paths: readonly string[], call: Call): Promise<FileTree>;
  /** The ignore line that hides an existing path. */
  ignoredBy(path: string): IgnoreMatch | undefined;
  /** Existing paths that are similar to a missing one. */
  similar(path: string): Promise<readonly string[]>;
  /** Saves digests for the next build (stat cache). Never throws. */
  save(): void;
}
