/**
 * Repositories as sources of ADD and as contexts, fetched with the git program. A checkout is kept under its identity. A later
 * build with the same identity only asks the remote for the commit of the ref:
 *
 *     <directory>/<64 hex>/      one checkout, renamed into place when it is whole
 *     <directory>/<64 hex>.time  time of the commit, in seconds since 1970; `.bytes`: its disk usage
 */
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, lutimesSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FileTree } from '../../content/index.ts';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { measureDiskBytes, removeTree, walkTree } from '../../host/index.ts';
import { digestOf, encodedOf, withoutCredentials } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import type { BuildContext } from '../index.ts';
import { openLocalContext } from '../local/local.ts';
import { timeOf, writeFacts } from './checkout-facts.ts';
import { isRedirect } from './git-redirect.ts';
import { isCommitId, type ResolvedRef, resolveRef } from './git-refs.ts';
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
  /** Resolves an allowed redirect of a remote; without it no redirect is followed. */
  readonly redirected?: (remote: string, call: Call) => Promise<string>;
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

type Git = (...words: readonly string[]) => Promise<string>;

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
  return { ...contextIn(directory), name: withoutCredentials(text), commit, time: timeOf(directory) };
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
    throw new MkimageError('usage', `read git URL \`${withoutCredentials(text)}\`: not the URL of a git repository`);
  const url = { ...parsed, keepGitDir: parsed.keepGitDir ?? options.keepGitDir };
  const git: Git = (...words) => runGit({ arguments: words, environment: options.environment, signal: call.signal });
  let remote = url.remote;
  const following = async <T>(work: (remote: string) => Promise<T>): Promise<T> => {
    try {
      return await work(remote);
    } catch (error) {
      if (!isRedirect(error) || options.redirected === undefined) throw error;
      remote = await options.redirected(remote, call);
      return work(remote);
    }
  };
  const list: Git = (...names) => following((at) => git('ls-remote', '--symref', '--', at, ...names));
  const resolved = await resolveRef(url, agreedChecksum(url, options), list);
  const identity = identityOf(url, resolved);
  const directory = join(options.directory, encodedOf(digestOf(`${url.remote}\n${identity}`)));
  if (!existsSync(directory)) await following((at) => checkOut({ ...url, remote: at }, resolved, directory, git));
  options.used?.(`${directory}.time`);
  return { commit: resolved.commit, identity, directory };
}

function agreedChecksum(url: GitUrl, { checksum }: GitFetchOptions): string | undefined {
  if (checksum === undefined || url.checksum === undefined || checksum === url.checksum)
    return checksum ?? url.checksum;
  throw new MkimageError(
    'usage',
    `add \`${withoutCredentials(url.remote)}\`: two checksums, ${checksum} and ${url.checksum}`,
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

/** Works in a folder next to the final one. If two builds do so at once, one of their equal results is kept. */
async function checkOut(url: GitUrl, resolved: ResolvedRef, directory: string, git: Git): Promise<void> {
  const work = `${directory}.${randomBytes(6).toString('hex')}.tmp`;
  const tree = join(work, 'tree');
  const store = url.keepGitDir === true ? join(tree, '.git') : join(work, 'git');
  mkdirSync(work, { recursive: true, mode: 0o700 });
  mkdirSync(tree);
  const at: Git = (...words) => git('-C', tree, `--git-dir=${store}`, `--work-tree=${tree}`, ...words);
  try {
    await at('init', '--quiet', '--template=', ...(resolved.object.length === 64 ? ['--object-format=sha256'] : []));
    await at('remote', 'add', 'origin', url.remote);
    await fetchObject(url, resolved, at);
    await at('checkout', '--quiet', '--detach', resolved.commit);
    if (url.submodules !== false) await updateSubmodules(url, at);
    if (url.keepGitDir === true) await tidyGitDir(url, store, at);
    else removeGitFiles(tree);
    const time = Number(await at('log', '-1', '--format=%ct', resolved.commit));
    if (url.mtime === 'commit') setTimes(tree, time);
    const wanted = subdirectory(tree, url);
    writeFacts(directory, { time, bytes: measureDiskBytes(wanted) });
    moveIntoPlace(wanted, directory);
  } finally {
    removeTree(work);
  }
}

/**
 * Submodules of a repository that was fetched over https or ssh must not use unencrypted transports, where others could change
 * them. The setting `user` allows these transports for URLs of the user only, and git does not count submodules as such.
 */
async function updateSubmodules({ remote }: GitUrl, git: Git): Promise<void> {
  const isPlain = PLAIN.some((transport) => remote.startsWith(`${transport}:`));
  const settings = isPlain ? [] : PLAIN.flatMap((transport) => ['-c', `protocol.${transport}.allow=user`]);
  // git itself follows one redirect of a submodule.
  await git(
    '-c',
    'http.followRedirects=initial',
    ...settings,
    'submodule',
    'update',
    '--quiet',
    '--init',
    '--recursive',
    '--depth=1',
  );
}

const PLAIN = ['http', 'git'] as const;

/** Fetches one commit. If a server gives no single commits, fetches all refs. */
async function fetchObject(url: GitUrl, { ref, object, commit }: ResolvedRef, git: Git): Promise<void> {
  const target = ref.startsWith('refs/') ? [`+${ref}:${ref}`] : [object];
  const fetch = (...depth: readonly string[]) =>
    git('fetch', '--quiet', ...depth, '--no-tags', '--update-head-ok', '--', 'origin', ...target);
  try {
    await fetch('--depth=1').catch((error: unknown) => {
      // A plain web server with repository files cannot do shallow fetches.
      if (error instanceof Error && /dumb http transport/.test(error.message)) return fetch();
      throw error;
    });
  } catch (error) {
    if (!isCommitId(ref) || !isMkimageError(error, 'network')) throw error;
    await git('fetch', '--quiet', '--tags', '--update-head-ok', '--', 'origin', '+refs/heads/*:refs/remotes/origin/*');
  }
  const found = (await git('rev-parse', '--verify', '--quiet', `${object}^{commit}`).catch(() => '')).trim();
  if (found === commit || (found !== '' && isCommitId(ref))) return;
  throw new MkimageError('not-found', `fetch \`${withoutCredentials(url.remote)}\`: it has no commit ${commit}`, {
    hint: 'if the branch was just moved, try again',
  });
}

/** Removes passwords and everything that differs between fetches from `.git`, because it goes into the image. */
async function tidyGitDir(url: GitUrl, store: string, git: Git): Promise<void> {
  await git('remote', 'set-url', 'origin', withoutCredentials(url.remote));
  await git('reflog', 'expire', '--all', '--expire=now');
  rmSync(join(store, 'FETCH_HEAD'), { force: true });
}

const GIT_FILE = Buffer.from('/.git');

/** Removes the `.git` files of submodules, which contain a path of this machine. */
function removeGitFiles(directory: string): void {
  for (const { path } of walkTree(directory)) {
    if (path.subarray(-GIT_FILE.length).equals(GIT_FILE)) removeTree(path);
  }
}

/** Sets all times below a directory; `seconds` since 1970. */
function setTimes(directory: string, seconds: number): void {
  for (const { path } of walkTree(directory)) lutimesSync(path, seconds, seconds);
}

/** The requested directory of the checkout. Its path must not contain symlinks. */
function subdirectory(tree: string, url: GitUrl): string {
  let directory = tree;
  for (const name of url.subdir.split('/').filter(Boolean)) {
    directory = join(directory, name);
    if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) continue;
    throw new MkimageError(
      'not-found',
      `open \`${url.subdir}\` of \`${withoutCredentials(url.remote)}\`: no such directory`,
    );
  }
  return directory;
}

function moveIntoPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
