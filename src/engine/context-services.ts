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
import { describeUrl, parseDigest, removeCredentials } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { type EngineCall, inputOf } from './call.ts';
import type { Config } from './config.ts';
import type { FetchedInput } from './fetched-input.ts';
import type { FolderId } from './folders.ts';
import { findAgent, gitEnvironment } from './git-environment.ts';
import type { SourceSecrets } from './source-credentials.ts';

export interface ContextServices extends RemoteSources {
  /** The same with the secrets of one build. */
  withSecrets(secrets: SourceSecrets): ContextServices;
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
  // Without a build, only the user names repositories. They may use the user's agent.
  return createContextServices({
    config,
    folder,
    http,
    secrets: { secret: async () => undefined, ssh: () => findAgent(config) },
  });
}

function createContextServices(web: Web): ContextServices {
  const { config } = web;
  return {
    withSecrets: (secrets) => createContextServices({ ...web, secrets }),
    local: (options, call) => openLocalContext({ ...options, leftOut: storeOf(config, call), log: call.log }),
    empty: emptyContext,
    http: (url, checksum, call) => fetchFile(web, { url, checksum }, call),
    git: async (url, { keepGitDir, checksum }, call): Promise<FetchedSource> => {
      const { fetchGit } = await import('../context/git/git.ts');
      const fetched = await fetchGit(url, gitOptions(web, keepGitDir, checksum), call);
      call.log?.debug('context', 'repository fetched', { url: removeCredentials(url), commit: fetched.identity });
      return fetched;
    },
    fetch: async (input, { keepGitDir }, call) => {
      if (input.kind === 'git')
        return { kind: 'context', context: await openGit(web, { url: input.url, keepGitDir }, call) };
      if (input.kind === 'http') return openUrl(web, input.url, call);
      const stdin = inputOf(call, 'context');
      return readUntilCancelled(stdin, call, () => readInput(web, { bytes: stdin, name: 'stdin' }, call));
    },
    remote: async (input, call) => {
      if (input.kind === 'git') return openGit(web, { url: input.url, keepGitDir: false }, call);
      const fetched = await openUrl(web, input.url, call);
      if (fetched.kind === 'context') return fetched.context;
      throw new MkimageError('invalid-archive', `open context \`${describeUrl(input.url)}\`: not a tar archive`);
    },
  };
}

/** What fetching needs to know. */
interface Web {
  readonly config: Config;
  readonly folder: (id: FolderId) => string;
  readonly http: () => Promise<HttpClient>;
  readonly secrets: SourceSecrets;
}

/** Notes that a file was of use now. */
const noteUse =
  ({ now }: Config) =>
  (file: string) =>
    markUsed(file, Date.parse(now()));

/** What a context never has in it, and what is said if it would have. */
function storeOf({ root }: Config, { report }: Call): NonNullable<LocalContextOptions['leftOut']> {
  const message = (path: string) => `the context contains the store \`${path}\`; it is left out`;
  return { directory: root, found: (path) => report({ type: 'warning', message: message(path) }) };
}

interface WebFile {
  readonly url: string;
  readonly checksum?: string | undefined;
}

async function fetchFile(web: Web, { url, checksum }: WebFile, call: Call) {
  const { config, folder, http, secrets } = web;
  const { openHttpFetcher } = await import('../context/http/http.ts');
  const fetcher = openHttpFetcher({ directory: folder('downloads'), http: await http(), used: noteUse(config) });
  const { findHttpAuthorization } = await import('./source-credentials.ts');
  const authorization = URL.canParse(url) ? await findHttpAuthorization(new URL(url), secrets, call) : undefined;
  const headers = authorization === undefined ? {} : { authorization };
  return fetcher.fetch(url, { headers, checksum: checksum === undefined ? undefined : parseDigest(checksum) }, call);
}

async function openUrl(web: Web, url: string, call: Call): Promise<FetchedInput> {
  await using file = await fetchFile(web, { url }, call);
  const bytes = createReadStream(file.file);
  const input = await readInput(web, { bytes, name: describeUrl(url) }, call);
  const lastModified = file.tree.stat(file.path)?.mtime ?? 0;
  if (input.kind === 'build-file' || lastModified === 0) return input;
  return { kind: 'context', context: { ...input.context, time: lastModified } };
}

interface NamedBytes {
  readonly bytes: Readable;
  readonly name: string;
}

async function readInput({ folder }: Web, { bytes, name }: NamedBytes, call: Call): Promise<FetchedInput> {
  const { fetchedInput } = await import('./fetched-input.ts');
  return fetchedInput(bytes, name, async (tar) => {
    const { openArchiveContext } = await import('../context/archive.ts');
    return openArchiveContext({ name, tar, directory: folder('temporary') }, call);
  });
}

interface Repository {
  readonly url: string;
  readonly keepGitDir: boolean;
}

async function openGit(web: Web, { url, keepGitDir }: Repository, call: Call): Promise<BuildContext> {
  const { openGitContext } = await import('../context/git/git.ts');
  call.log?.debug('context', 'repository', { url: removeCredentials(url) });
  return openGitContext(url, gitOptions(web, keepGitDir, undefined), call);
}

function gitOptions(web: Web, keepGitDir: boolean, checksum: string | undefined): GitFetchOptions {
  const { config, folder, http, secrets } = web;
  return {
    keepGitDir,
    checksum,
    directory: folder('checkouts'),
    used: noteUse(config),
    environment: { ...gitEnvironment(config, folder), ssh: secrets.ssh },
    authorization: async (remote, call) => {
      const { findGitAuthorization } = await import('./source-credentials.ts');
      return findGitAuthorization(remote, secrets, call);
    },
    redirected: async (remote, header, call) => {
      const { redirectedRemote } = await import('../context/git/git-redirect.ts');
      return redirectedRemote({ remote, header }, await http(), call);
    },
  };
}
