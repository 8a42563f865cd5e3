/**
 * PORT. Build contexts: what COPY, ADD and `--mount=type=bind` see. Backends: local/ (directory), archive.ts (tar), git/
 * (repository), http/ (URL: a file, which may be an archive), empty.ts. `test/contract/context.ts` is the same in tests.
 *
 * - **Idempotence:** reading changes nothing. Scans may be made again and at the same time; all give the same tree, in which what
 *   was listed once stays as it was listed, and a digest is that of the bytes that `locate` leads to.
 * - **Atomicity:** a context is opened whole or not at all: what was fetched or spooled for one that cannot be opened is removed.
 * - **Confinement:** no path leads out of the root, and no symlink is followed: links are entries like others.
 * - **Who closes what:** who opened a context disposes it after the last read of its trees; that may be done twice, and removes
 *   what lies on the disk for this context only.
 * - **Errors:** opening throws `not-found` for what is not there, `build-file` for a malformed ignore file, `invalid-archive` and
 *   `limit` for hostile bytes, `network`, `integrity` and `usage` for what is fetched, `cancelled`; trees throw `not-found` for
 *   what is no file of theirs.
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
