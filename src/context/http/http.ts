import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { posix } from 'node:path';
import type { FileTree } from '../../content/index.ts';
import { MkimageError } from '../../errors.ts';
import { type Answer, evidenceOf, type HttpClient, isUnreachable } from '../../http/index.ts';
import { type Digest, describeUrl } from '../../oci/index.ts';
import type { Call } from '../../progress.ts';
import { textOfBytes } from '../../tar/index.ts';
import { EntryTree } from '../entry-tree.ts';
import { requestFor } from './ask-url.ts';
import { discard, type HttpFiles, type HttpRecord, httpFiles } from './http-files.ts';

export interface HttpFetchOptions {
  /** The expected digest. If its bytes are already stored, nothing is requested. */
  readonly checksum: Digest | undefined;
  /** Additional headers. `authorization` and cookies are sent to the URL's own origin only. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A downloaded file as a tree with one file: mode 600, owner 0:0, the server's time. */
export interface HttpFile extends AsyncDisposable {
  readonly tree: FileTree;
  readonly path: string;
  /** The last component of the URL's path, made safe. */
  readonly name: string;
  readonly digest: Digest;
  /** Identifies the content for a layer: the bytes and their time. */
  readonly identity: string;
  /** The path of the bytes on this machine. */
  readonly file: string;
  /** Seconds since 1970; 0 if the server did not say. */
  readonly modified: number;
}

export interface HttpFetcher {
  /** Throws `network`, `not-found`, `integrity` for a wrong checksum, `usage`, `cancelled`. */
  fetch(url: string, options: HttpFetchOptions, call: Call): Promise<HttpFile>;
}

export interface HttpFetcherOptions {
  /** The folder of all downloads. */
  readonly directory: string;
  /** The caller owns it. */
  readonly http: HttpClient;
  /** Called with each used file of the directory. */
  readonly used?: (file: string) => void;
}

/** Fetches URLs for ADD and for contexts, and keeps the downloads. */
export function openHttpFetcher({ directory, http, used = () => {} }: HttpFetcherOptions): HttpFetcher {
  return {
    fetch: async (url, options, call) => {
      const files = httpFiles(directory);
      const fetching = { files, url, options, http, call };
      const record = (await recallRecord(fetching)) ?? (await download(fetching));
      if (options.checksum !== undefined && record.digest !== options.checksum)
        throw wrongBytes(url, options.checksum, record.digest);
      for (const file of files.filesOf(url, record)) used(file);
      return httpFile(files, url, record);
    },
  };
}

/** The parts of one fetch. */
interface Fetching {
  readonly files: HttpFiles;
  readonly url: string;
  readonly options: HttpFetchOptions;
  readonly http: HttpClient;
  readonly call: Call;
}

/**
 * Finds an earlier download that is still valid, by the checksum or by asking the server. It sends HEAD and compares the ETags
 * itself, because some servers send ETags but ignore `If-None-Match`.
 */
async function recallRecord({ files, url, options, http, call }: Fetching): Promise<HttpRecord | undefined> {
  const { checksum, headers = {} } = options;
  const record = files.recall(url);
  if (record === undefined) return undefined;
  if (checksum !== undefined) return record.digest === checksum ? record : undefined;
  if (record.etag === undefined && record.lastModified === undefined) return undefined;
  const conditions = {
    ...(record.etag === undefined ? {} : { 'if-none-match': record.etag }),
    ...(record.lastModified === undefined ? {} : { 'if-modified-since': record.lastModified }),
  };
  const request = requestFor(url, 'HEAD', { ...headers, ...conditions });
  const answer = await http.send(request, call).catch((error: unknown) => {
    if (!isUnreachable(error)) throw error;
    const why = `cannot ask for changes of \`${describeUrl(url)}\`; the stored download is used`;
    call.report({ type: 'warning', message: `${why}: ${(error as Error).message}` });
  });
  if (answer === undefined) return record;
  answer.discard();
  return isUnchanged(record, answer) ? record : undefined;
}

function isUnchanged(record: HttpRecord, { status, header }: Answer): boolean {
  if (status === 304) return header('etag') === undefined || strong(header('etag')) === strong(record.etag);
  if (status !== 200) return false;
  if (record.etag !== undefined) return strong(header('etag')) === strong(record.etag);
  return header('last-modified') === record.lastModified && header('content-length') === String(record.size);
}

/** Compares weak ETags like strong ones, as BuildKit does. */
function strong(etag: string | undefined): string | undefined {
  return etag?.replace(/^W\//, '');
}

async function download({ files, url, options, http, call }: Fetching): Promise<HttpRecord> {
  const answer = await http.send(requestFor(url, 'GET', options.headers), call);
  if (answer.status !== 200) throw createRefusal(url, answer);
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

function createRefusal(url: string, answer: Answer): MkimageError {
  answer.discard();
  const code = answer.status === 404 || answer.status === 410 ? 'not-found' : 'network';
  return new MkimageError(code, `fetch \`${describeUrl(url)}\`: the server answered ${answer.status}`, {
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
  return new MkimageError('integrity', `fetch \`${describeUrl(url)}\`: its bytes are ${found}, not ${expected}`, {
    evidence: { expected, found },
    hint: 'if the change is expected, update the checksum',
  });
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

/** Whole seconds; 0 for an invalid date, as in BuildKit. */
function secondsOf(httpDate: string | undefined): number {
  const time = Date.parse(httpDate ?? '');
  return Number.isNaN(time) ? 0 : Math.floor(time / 1000);
}

/** The file name for ADD into a directory. Docker takes it from the URL, not from the answer. */
export function fileNameOf(url: string): string {
  const name = posix.basename(decodedPath(url)).trim();
  if (name === '' || name === '/') return '__unnamed__';
  return name === '.' || name === '..' || /\p{Cc}/u.test(name) ? 'download' : name;
}

/** Decodes percent-encoded bytes, which may not be UTF-8. */
function decodedPath(url: string): string {
  const { pathname } = new URL(url);
  if (/%(?![0-9a-f]{2})/i.test(pathname)) return pathname;
  const bytes = pathname.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return textOfBytes(Buffer.from(bytes, 'latin1'));
}
