import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { posix } from 'node:path';
import type { FileTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { type Answer, evidenceOf, type HttpClient } from '../../http/index.ts';
import { type Digest, withoutCredentials } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { textOfBytes } from '../../tar/index.ts';
import { EntryTree } from '../entry-tree.ts';
import { requestFor } from './ask-url.ts';
import { discard, type HttpFiles, type HttpRecord, httpFiles } from './http-files.ts';

export interface HttpFetchOptions {
  /** What the bytes have to be. If they are here already, the network is not touched. */
  readonly checksum: Digest | undefined;
  /** Sent along; `authorization` and cookies only to the URL's own origin. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One downloaded file as a tree with that file in it, of mode 600, owner 0:0, with the server's time. */
export interface HttpFile extends AsyncDisposable {
  readonly tree: FileTree;
  readonly path: string;
  /** The last component of the URL's path, made safe. */
  readonly name: string;
  readonly digest: Digest;
  /** Names what goes into a layer: the bytes and their time. */
  readonly identity: string;
  /** Where the bytes lie on this machine. */
  readonly file: string;
  /** Seconds since 1970; 0 if the server did not say. */
  readonly modified: number;
}

export interface HttpFetcher {
  /** Throws `network`, `not-found`, `integrity` for a wrong checksum, `usage`, `cancelled`. */
  fetch(url: string, options: HttpFetchOptions, call: Call): Promise<HttpFile>;
}

export interface HttpFetcherOptions {
  /** Where what was fetched is kept. */
  readonly directory: string;
  /** Stays the caller's. */
  readonly http: HttpClient;
  /** Told of each file in the directory that was of use. */
  readonly used?: (file: string) => void;
}

/** Fetches URLs for ADD and for contexts, and keeps what it fetched. */
export function openHttpFetcher({ directory, http, used = () => {} }: HttpFetcherOptions): HttpFetcher {
  return {
    fetch: async (url, options, call) => {
      const files = httpFiles(directory);
      const fetching = { files, url, options, http, call };
      const record = (await recalled(fetching)) ?? (await download(fetching));
      if (options.checksum !== undefined && record.digest !== options.checksum)
        throw wrongBytes(url, options.checksum, record.digest);
      for (const file of files.filesOf(url, record)) used(file);
      return httpFile(files, url, record);
    },
  };
}

/** One fetch on its way. */
interface Fetching {
  readonly files: HttpFiles;
  readonly url: string;
  readonly options: HttpFetchOptions;
  readonly http: HttpClient;
  readonly call: Call;
}

/**
 * What was fetched before, if it is still good: because a checksum says so, or because the server says so. Asked with HEAD and
 * compared here, because some servers send ETags and do not honour them.
 */
async function recalled({ files, url, options, http, call }: Fetching): Promise<HttpRecord | undefined> {
  const { checksum, headers = {} } = options;
  const record = files.recall(url);
  if (record === undefined) return undefined;
  if (checksum !== undefined) return record.digest === checksum ? record : undefined;
  if (record.etag === undefined && record.lastModified === undefined) return undefined;
  const conditions = {
    ...(record.etag === undefined ? {} : { 'if-none-match': record.etag }),
    ...(record.lastModified === undefined ? {} : { 'if-modified-since': record.lastModified }),
  };
  const answer = await http.send(requestFor(url, 'HEAD', { ...headers, ...conditions }), call);
  answer.discard();
  return isUnchanged(record, answer) ? record : undefined;
}

function isUnchanged(record: HttpRecord, { status, header }: Answer): boolean {
  if (status === 304) return header('etag') === undefined || strong(header('etag')) === strong(record.etag);
  if (status !== 200) return false;
  if (record.etag !== undefined) return strong(header('etag')) === strong(record.etag);
  return header('last-modified') === record.lastModified && header('content-length') === String(record.size);
}

/** Weak and strong tags are compared alike, as BuildKit does: what was stored is what was sent. */
function strong(etag: string | undefined): string | undefined {
  return etag?.replace(/^W\//, '');
}

async function download({ files, url, options, http, call }: Fetching): Promise<HttpRecord> {
  const answer = await http.send(requestFor(url, 'GET', options.headers), call);
  if (answer.status !== 200) throw refused(url, answer);
  files.sweep();
  const temporary = files.temporary();
  try {
    const { digest, size } = await save(answer, temporary);
    files.keep(temporary, digest);
    const record = { digest, size, etag: answer.header('etag'), lastModified: answer.header('last-modified') };
    files.remember(url, record);
    return record;
  } finally {
    discard(temporary);
  }
}

function refused(url: string, answer: Answer): MkimageError {
  answer.discard();
  const code = answer.status === 404 || answer.status === 410 ? 'not-found' : 'network';
  return new MkimageError(code, `fetch \`${withoutCredentials(url)}\`: the server answered ${answer.status}`, {
    evidence: evidenceOf(answer),
  });
}

async function save(answer: Answer, file: string): Promise<{ digest: Digest; size: number }> {
  const descriptor = openSync(file, 'wx', 0o600);
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of answer.decode()) {
      size += chunk.length;
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
    }
  } finally {
    closeSync(descriptor);
    answer.discard();
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

function wrongBytes(url: string, expected: Digest, found: Digest): MkimageError {
  return new MkimageError(
    'integrity',
    `fetch \`${withoutCredentials(url)}\`: its bytes are ${found}, not ${expected}`,
    {
      evidence: { expected, found },
      hint: 'if the file was meant to change, change the checksum',
    },
  );
}

function httpFile(files: HttpFiles, url: string, { digest, size, lastModified }: HttpRecord): HttpFile {
  const name = fileNameOf(url);
  const file = files.file(digest);
  const modified = secondsOf(lastModified);
  const common = { uid: 0, gid: 0, mtime: modified };
  const tree = new EntryTree({ path: '', type: 'directory', mode: 0o755, size: 0, ...common });
  tree.put(
    { path: name, type: 'file', mode: 0o600, size, ...common },
    { location: { kind: 'host', file, offset: 0, size }, digest: () => digest },
  );
  const identity = `${digest} ${modified}`;
  return { tree, path: name, name, digest, identity, file, modified, [Symbol.asyncDispose]: async () => {} };
}

/** Whole seconds; 0 for a date that cannot be read, as BuildKit sets it. */
function secondsOf(httpDate: string | undefined): number {
  const time = Date.parse(httpDate ?? '');
  return Number.isNaN(time) ? 0 : Math.floor(time / 1000);
}

/** What ADD calls the file in a directory. Docker takes it from the URL and not from the answer. */
export function fileNameOf(url: string): string {
  const name = posix.basename(decodedPath(url)).trim();
  if (name === '' || name === '/') return '__unnamed__';
  return name === '.' || name === '..' || /\p{Cc}/u.test(name) ? 'download' : name;
}

/** Percent signs stand for bytes, which need not be UTF-8. */
function decodedPath(url: string): string {
  const { pathname } = new URL(url);
  if (/%(?![0-9a-f]{2})/i.test(pathname)) return pathname;
  const bytes = pathname.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return textOfBytes(Buffer.from(bytes, 'latin1'));
}
