/** Contexts of every kind, and the files that ADD fetches. Modules that use the network are imported on demand. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ContextInput, NamedContextInput } from '../api/index.ts';
import { decompressStream } from '../compression/decompress.ts';
import { SNIFF_LENGTH, sniffCompression } from '../compression/sniff.ts';
import { emptyContext } from '../context/empty.ts';
import type { BuildContext } from '../context/index.ts';
import { type LocalContextOptions, openLocalContext } from '../context/local/local.ts';
import { MkimageError } from '../errors.ts';
import type { FetchedSource, RemoteSources } from '../executor/index.ts';
import { collect, readUntilCancelled } from '../host/files/read-stream.ts';
import { markUsed, writeWholeFile } from '../host/index.ts';
import type { HttpClient } from '../http/index.ts';
import { digestOf, encodedOf, parseDigest, withoutCredentials } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import { startsWithHeader } from '../tar/index.ts';
import { MOST_TEXT } from './bounds.ts';
import { type EngineCall, inputOf } from './call.ts';
import type { Config } from './config.ts';
import type { FolderId } from './folders.ts';

/** The content of a context argument that is not a directory. */
export type FetchedInput =
  | { readonly kind: 'build-file'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'context'; readonly context: BuildContext };

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
  const used = (file: string) => markUsed(file, Date.parse(config.now()));
  const httpFile = async (url: string, checksum: string | undefined, call: Call) => {
    const { openHttpFetcher } = await import('../context/http/http.ts');
    const fetcher = openHttpFetcher({ directory: folder('downloads'), http: await http(), used });
    return fetcher.fetch(url, { checksum: checksum === undefined ? undefined : parseDigest(checksum) }, call);
  };
  const gitOptions = (keepGitDir: boolean, checksum: string | undefined) => ({
    keepGitDir,
    checksum,
    directory: folder('checkouts'),
    used,
    environment: gitEnvironment(config, folder),
    redirected: async (remote: string, call: Call) => {
      const { redirectedRemote } = await import('../context/git/git-redirect.ts');
      return redirectedRemote(remote, await http(), call);
    },
  });
  const gitContext = async (url: string, keepGitDir: boolean, call: Call): Promise<BuildContext> => {
    const { openGitContext } = await import('../context/git/git.ts');
    call.log?.debug('context', 'repository', { url: withoutCredentials(url) });
    return openGitContext(url, gitOptions(keepGitDir, undefined), call);
  };
  const httpInput = async (url: string, call: Call): Promise<FetchedInput> => {
    const { createReadStream } = await import('node:fs');
    await using file = await httpFile(url, undefined, call);
    const input = await fetchedInput(createReadStream(file.file), withoutCredentials(url), folder('temporary'), call);
    const lastModified = file.tree.stat(file.path)?.mtime ?? 0;
    if (input.kind === 'build-file' || lastModified === 0) return input;
    return { kind: 'context', context: { ...input.context, time: lastModified } };
  };
  const store = ({ report }: Call) => ({
    directory: config.root,
    found: (path: string) =>
      report({ type: 'warning', message: `the context contains the store \`${path}\`; it is left out` }),
  });
  return {
    local: (options, call) => openLocalContext({ ...options, leftOut: store(call), log: call.log }),
    empty: emptyContext,
    http: async (url, checksum, call): Promise<FetchedSource> => httpFile(url, checksum, call),
    git: async (url, { keepGitDir, checksum }, call): Promise<FetchedSource> => {
      const { fetchGit } = await import('../context/git/git.ts');
      const fetched = await fetchGit(url, gitOptions(keepGitDir, checksum), call);
      call.log?.debug('context', 'repository fetched', { url: withoutCredentials(url), commit: fetched.identity });
      return fetched;
    },
    fetch: async (input, { keepGitDir }, call) => {
      if (input.kind === 'git') return { kind: 'context', context: await gitContext(input.url, keepGitDir, call) };
      if (input.kind === 'http') return httpInput(input.url, call);
      const stdin = inputOf(call, 'context');
      return readUntilCancelled(stdin, call, () => fetchedInput(stdin, 'stdin', folder('temporary'), call));
    },
    remote: async (input, call) => {
      if (input.kind === 'git') return gitContext(input.url, false, call);
      const fetched = await httpInput(input.url, call);
      if (fetched.kind === 'context') return fetched.context;
      throw new MkimageError('invalid-archive', `open context \`${withoutCredentials(input.url)}\`: not a tar archive`);
    },
  };
}

function gitEnvironment(config: Config, folder: (id: FolderId) => string) {
  const proxies = Object.entries(config.environment).filter(([name]) => /^(https?|all|no)_proxy$/i.test(name));
  return {
    path: config.environment.PATH ?? '/usr/bin:/bin',
    sshAgent: config.environment.SSH_AUTH_SOCK || undefined,
    proxies: Object.fromEntries(proxies) as Record<string, string>,
    certificates: certificatesForGit(config, folder),
    localRepositories: config.environment.MKIMAGE_GIT_LOCAL === '1',
  };
}

/** Writes all trusted certificates into one file for git. Its name is made from its content. */
function certificatesForGit({ authorities, now }: Config, folder: (id: FolderId) => string): string | undefined {
  if (authorities === undefined) return undefined;
  const text = authorities.roots.join('\n');
  const file = join(folder('certificates'), `${encodedOf(digestOf(text))}.pem`);
  if (existsSync(file)) markUsed(file, Date.parse(now()));
  else writeWholeFile(file, text, { mode: 0o600 });
  return file;
}

/** Detects by content, as Docker does: an archive, plain or compressed, is a context. */
async function fetchedInput(stream: Readable, name: string, directory: string, call: Call): Promise<FetchedInput> {
  const { head, rest } = await peek(stream, 512);
  const compression = sniffCompression(head.subarray(0, SNIFF_LENGTH));
  if (compression === 'uncompressed' && !startsWithHeader(head)) {
    const bytes = await collect(rest, `build file from ${name}`, MOST_TEXT);
    if (isBinary(bytes)) throw neitherTextNorArchive(name);
    return { kind: 'build-file', name: 'Dockerfile', bytes };
  }
  const { openArchiveContext } = await import('../context/archive.ts');
  const { Readable } = await import('node:stream');
  const tar = decompressStream(Readable.from(rest), compression);
  return { kind: 'context', context: await openArchiveContext({ name, tar, directory }, call) };
}

/**
 * Looks for control characters that text does not contain. UTF-16 contains many; the reader of build files rejects it
 * with a better message.
 */
function isBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 8192);
  const isUtf16 = /^(?:fffe|feff)/.test(Buffer.from(head.subarray(0, 2)).toString('hex'));
  return !isUtf16 && head.some((byte) => byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32));
}

function neitherTextNorArchive(name: string): MkimageError {
  const what = name === 'stdin' ? 'standard input' : `\`${name}\``;
  return new MkimageError('invalid-archive', `read ${what}: neither a build file nor an archive`, {
    hint: 'an archive is a tar file, plain or compressed with gzip, bzip2, xz or zstd',
  });
}

/** Returns the first bytes, and a stream of all bytes from the beginning. */
async function peek(stream: Readable, length: number): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  for (let size = 0; size < length; ) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
    size += next.value.length;
  }
  const rest = async function* () {
    yield* taken;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  return { head: Buffer.concat(taken).subarray(0, length), rest: rest() };
}
