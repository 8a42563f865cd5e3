/**
 * Repositories as sources of ADD and as contexts, fetched with the git program. A checkout is kept under its identity. A later
 * build with the same identity only asks the remote for the commit of the ref:
 *
 *     <directory>/<64 hex>/      one checkout, renamed into place when it is whole
 *     <directory>/<64 hex>.time  time of the commit, in seconds since 1970; `.bytes`: its disk usage
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { digestOf, encodedOf, removeCredentials } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { BuildContext } from '../index.ts';
import { openLocalContext } from '../local/local.ts';
import { checkOut, type Git } from './check-out.ts';
import { timeOf } from './checkout-facts.ts';
import { isRedirect } from './git-redirect.ts';
import { type ResolvedRef, resolveRef } from './git-refs.ts';
import { type FindAuthorization, findRemote, type GitHeader, usesSsh } from './git-remote.ts';
import { type GitUrl, parseGitUrl } from './git-url.ts';
import { type GitEnvironment, runGit } from './run-git.ts';

export interface GitFetchOptions {
  readonly keepGitDir: boolean;
  /** The expected commit id, or its beginning. */
  readonly checksum: string | undefined;
  /** The folder of all checkouts. */
  readonly directory: string;
  readonly environment: GitEnvironment;
  /** Called with a file next to each used checkout. */
  readonly used?: (file: string) => void;
  /** The `Authorization` for the origin of a remote by http; undefined: none. Credentials of the URL come first. */
  readonly authorization?: FindAuthorization;
  /** Resolves an allowed redirect of a remote; without it no redirect is followed. */
  readonly redirected?: (remote: string, header: GitHeader | undefined, call: Call) => Promise<string>;
}

/** A checkout; `path` is the requested part of the tree. Disposing it keeps the files for the next build. */
export interface GitCheckout extends AsyncDisposable {
  readonly commit: string;
  /** When it was committed, in seconds since 1970. */
  readonly modified: number | undefined;
  /** Identifies the content: the commit and all options that change its files. */
  readonly identity: string;
  readonly directory: string;
  readonly tree: FileTree;
  readonly path: '';
  readonly name: '';
}

/** Fetches a git URL. Throws `usage`, `not-found`, `integrity`, `network`, `unsupported`, `cancelled`. */
export async function fetchGit(text: string, options: GitFetchOptions, call: Call): Promise<GitCheckout> {
  const found = await checkoutOf(text, options, call);
  const context = contextIn(found.directory);
  return {
    ...{ ...found, path: '', name: '', modified: timeOf(found.directory) },
    tree: await context.scan([], call),
    [Symbol.asyncDispose]: async () => context.save(),
  };
}

/** Opens a repository as the main or a named context, with its commit. No ignore file applies, as in BuildKit. */
export async function openGitContext(
  text: string,
  options: GitFetchOptions,
  call: Call,
): Promise<BuildContext & { readonly commit: string }> {
  const { commit, directory } = await checkoutOf(text, options, call);
  return { ...contextIn(directory), name: removeCredentials(text), commit, time: timeOf(directory) };
}

function contextIn(directory: string): BuildContext {
  return openLocalContext({ directory, ignoreFile: undefined, statCacheFile: `${directory}.stat` });
}

interface Found {
  readonly commit: string;
  readonly identity: string;
  readonly directory: string;
}

async function checkoutOf(text: string, options: GitFetchOptions, call: Call): Promise<Found> {
  const parsed = parseGitUrl(text);
  if (parsed === undefined)
    throw new MkimageError('usage', `read git URL \`${removeCredentials(text)}\`: not the URL of a git repository`);
  const { url: bare, header } = await findRemote(parsed.remote, options.authorization, call);
  const url = { ...parsed, remote: bare, keepGitDir: parsed.keepGitDir ?? options.keepGitDir };
  const { environment } = options;
  const ssh = usesSsh(bare) ? environment.ssh?.() : undefined;
  const headers = header === undefined ? [] : [header];
  const git: Git = (...words) => runGit({ arguments: words, environment, headers, ssh, signal: call.signal });
  let remote = url.remote;
  const followRemote = async <T>(work: (remote: string) => Promise<T>): Promise<T> => {
    try {
      return await work(remote);
    } catch (error) {
      if (!isRedirect(error) || options.redirected === undefined) throw error;
      remote = await options.redirected(remote, header, call);
      return work(remote);
    }
  };
  const list: Git = (...names) => followRemote((at) => git('ls-remote', '--symref', '--', at, ...names));
  const resolved = await resolveRef(url, agreedChecksum(url, options), list);
  const identity = identityOf(url, resolved);
  const directory = join(options.directory, encodedOf(digestOf(`${url.remote}\n${identity}`)));
  if (!existsSync(directory))
    await followRemote((at) => checkOut({ url: { ...url, remote: at }, resolved, directory }, git));
  options.used?.(`${directory}.time`);
  return { commit: resolved.commit, identity, directory };
}

function agreedChecksum(url: GitUrl, { checksum }: GitFetchOptions): string | undefined {
  if (checksum === undefined || url.checksum === undefined || checksum === url.checksum)
    return checksum ?? url.checksum;
  throw new MkimageError(
    'usage',
    `add \`${removeCredentials(url.remote)}\`: two checksums, ${checksum} and ${url.checksum}`,
  );
}

function identityOf(url: GitUrl, { ref, object, commit }: ResolvedRef): string {
  return [
    url.keepGitDir === true ? `${object}.git#${ref}` : commit,
    url.subdir === '' ? '' : `:${url.subdir}`,
    url.submodules === false ? '(skip-submodules)' : '',
    url.mtime === 'commit' ? '(mtime=commit)' : '',
  ].join('');
}
