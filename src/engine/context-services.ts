/** Contexts of every kind, and the files that ADD fetches. Everything that touches a network is imported when it is needed. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { ContextInput, NamedContextInput } from '../api/index.ts';
import { emptyContext } from '../context/empty.ts';
import type { GitFetchOptions } from '../context/git/git.ts';
import type { BuildContext } from '../context/index.ts';
import { type LocalContextOptions, openLocalContext } from '../context/local/local.ts';
import { MkimageError } from '../errors.ts';
import type { FetchedSource, RemoteSources } from '../executor/index.ts';
import { readUntilCancelled } from '../host/files/read-stream.ts';
import { markUsed } from '../host/index.ts';
import type { HttpClient } from '../http/index.ts';
import { parseDigest, withoutCredentials } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { type EngineCall, inputOf } from './call.ts';
import type { Config } from './config.ts';
import type { FetchedInput } from './fetched-input.ts';
import type { FolderId } from './folders.ts';
import { gitEnvironment } from './git-environment.ts';

export interface ContextServices extends RemoteSources {
  /** Opens a directory. Leaves out the store if it is inside, because the context would grow with every build. */
  local(options: Omit<LocalContextOptions, 'leftOut'>, call: Call): BuildContext;
  empty(): BuildContext;
  /** Fetches standard input, a repository or a URL: a tar is a context, anything else is a build file. */
  fetch(
    input: Exclude<ContextInput, { kind: 'directory' }>,
    options: { readonly keepGitDir: boolean },
    call: EngineCall,
  ): Promise<FetchedInput>;
  remote(input: Extract<NamedContextInput, { kind: 'git' | 'http' }>, call: Call): Promise<BuildContext>;
}

export function contextServices(
  config: Config,
  folder: (id: FolderId) => string,
  http: () => Promise<HttpClient>,
): ContextServices {
  const web: Web = { config, folder, http };
  return {
    local: (options, call) => openLocalContext({ ...options, leftOut: storeOf(config, call), log: call.log }),
    empty: emptyContext,
    http: (url, checksum, call) => fetchFile(web, url, checksum, call),
    git: async (url, { keepGitDir, checksum }, call): Promise<FetchedSource> => {
      const { fetchGit } = await import('../context/git/git.ts');
      const fetched = await fetchGit(url, gitOptions(web, keepGitDir, checksum), call);
      call.log?.debug('context', 'repository fetched', { url: withoutCredentials(url), commit: fetched.identity });
      return fetched;
    },
    fetch: async (input, { keepGitDir }, call) => {
      if (input.kind === 'git') return { kind: 'context', context: await openGit(web, input.url, keepGitDir, call) };
      if (input.kind === 'http') return openUrl(web, input.url, call);
      const stdin = inputOf(call, 'context');
      return readUntilCancelled(stdin, call, () => readInput(web, stdin, 'stdin', call));
    },
    remote: async (input, call) => {
      if (input.kind === 'git') return openGit(web, input.url, false, call);
      const fetched = await openUrl(web, input.url, call);
      if (fetched.kind === 'context') return fetched.context;
      throw new MkimageError('invalid-archive', `open context \`${withoutCredentials(input.url)}\`: not a tar archive`);
    },
  };
}

/** What fetching needs to know. */
interface Web {
  readonly config: Config;
  readonly folder: (id: FolderId) => string;
  readonly http: () => Promise<HttpClient>;
}

/** Notes that a file was of use now. */
const used =
  ({ now }: Config) =>
  (file: string) =>
    markUsed(file, Date.parse(now()));

/** What a context never has in it, and what is said if it would have. */
function storeOf({ root }: Config, { report }: Call): NonNullable<LocalContextOptions['leftOut']> {
  const message = (path: string) => `the context contains the store \`${path}\`; it is left out`;
  return { directory: root, found: (path) => report({ type: 'warning', message: message(path) }) };
}

async function fetchFile({ config, folder, http }: Web, url: string, checksum: string | undefined, call: Call) {
  const { openHttpFetcher } = await import('../context/http/http.ts');
  const fetcher = openHttpFetcher({ directory: folder('downloads'), http: await http(), used: used(config) });
  return fetcher.fetch(url, { checksum: checksum === undefined ? undefined : parseDigest(checksum) }, call);
}

async function openUrl(web: Web, url: string, call: Call): Promise<FetchedInput> {
  await using file = await fetchFile(web, url, undefined, call);
  const bytes = createReadStream(file.file);
  const input = await readInput(web, bytes, withoutCredentials(url), call);
  const lastModified = file.tree.stat(file.path)?.mtime ?? 0;
  if (input.kind === 'build-file' || lastModified === 0) return input;
  return { kind: 'context', context: { ...input.context, time: lastModified } };
}

async function readInput({ folder }: Web, bytes: Readable, name: string, call: Call): Promise<FetchedInput> {
  const { fetchedInput } = await import('./fetched-input.ts');
  return fetchedInput(bytes, name, async (tar) => {
    const { openArchiveContext } = await import('../context/archive.ts');
    return openArchiveContext({ name, tar, directory: folder('temporary') }, call);
  });
}

async function openGit(web: Web, url: string, keepGitDir: boolean, call: Call): Promise<BuildContext> {
  const { openGitContext } = await import('../context/git/git.ts');
  call.log?.debug('context', 'repository', { url: withoutCredentials(url) });
  return openGitContext(url, gitOptions(web, keepGitDir, undefined), call);
}

function gitOptions({ config, folder, http }: Web, keepGitDir: boolean, checksum: string | undefined): GitFetchOptions {
  return {
    keepGitDir,
    checksum,
    directory: folder('checkouts'),
    used: used(config),
    environment: gitEnvironment(config, folder),
    redirected: async (remote, call) => {
      const { redirectedRemote } = await import('../context/git/git-redirect.ts');
      return redirectedRemote(remote, await http(), call);
    },
  };
}
