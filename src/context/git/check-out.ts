/** Fetches one commit of a repository with the git program and writes its files into a directory. */
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, lutimesSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMkimageError, MkimageError } from '../../errors.ts';
import { measureDiskBytes, removeTree, walkTree } from '../../host/index.ts';
import { removeCredentials } from '../../oci/index.ts';
import { writeFacts } from './checkout-facts.ts';
import { isCommitId, type ResolvedRef } from './git-refs.ts';
import type { GitUrl } from './git-url.ts';

/** Runs git with these words and returns its output. */
export type Git = (...words: readonly string[]) => Promise<string>;

interface Checkout {
  readonly url: GitUrl;
  readonly resolved: ResolvedRef;
  readonly directory: string;
}

/** Works in a folder next to the final one. If two builds do so at once, one of their equal results is kept. */
export async function checkOut({ url, resolved, directory }: Checkout, git: Git): Promise<void> {
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
  throw new MkimageError('not-found', `fetch \`${removeCredentials(url.remote)}\`: it has no commit ${commit}`, {
    hint: 'if the branch was just moved, try again',
  });
}

/** Removes passwords and everything that differs between fetches from `.git`, because it goes into the image. */
async function tidyGitDir(url: GitUrl, store: string, git: Git): Promise<void> {
  await git('remote', 'set-url', 'origin', removeCredentials(url.remote));
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
      `open \`${url.subdir}\` of \`${removeCredentials(url.remote)}\`: no such directory`,
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
