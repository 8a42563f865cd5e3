/** What a server answered. */
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { isMkimageError, MkimageError } from '../errors.ts';
import { createLimitError, getLimits } from '../limits.ts';
import { limitPace } from './pace.ts';
import type { HttpRequest } from './request.ts';

/** The head of an answer. */
export interface AnswerHead {
  /** The URL that answered, after redirects. */
  readonly url: URL;
  readonly status: number;
  /** The first value of a header. */
  header(name: string): string | undefined;
  headers(name: string): readonly string[];
  /** True if a redirect led to another scheme, host or port: the answer is not from the server that was asked. */
  readonly leftOrigin: boolean;
}

/**
 * An answer whose body has not been read. The receiver must read the body or discard it. Reading the body can fail with
 * `network`, `limit` or `cancelled`; an unread body reports no error.
 */
export interface Answer extends AnswerHead {
  readonly body: Readable;
  /** The body without its `Content-Encoding`. Fails if the compressed data is cut short, damaged or unpacks to too many bytes. */
  decode(): AsyncIterable<Buffer>;
  /** Drops the body. A short rest is read, so that the connection can be reused. */
  discard(): void;
}

/** An answer with its body. */
export interface WholeAnswer extends AnswerHead {
  readonly bytes: Buffer;
}

export interface AnswerOptions {
  readonly url: URL;
  readonly leftOrigin: boolean;
  /** First part of error messages. */
  readonly what: string;
  readonly mostBytes: number | undefined;
  readonly faultOf: (error: unknown) => Error;
  /** Told how many bytes came, when no more will. */
  readonly ended?: ((bytes: number) => void) | undefined;
}

const DISCARD_LIMIT = 16 * 1024;

export function createAnswer(
  { statusCode, headers, body: plain }: Dispatcher.ResponseData,
  options: AnswerOptions,
): Answer {
  const { url, leftOrigin, what, mostBytes, faultOf, ended } = options;
  const body = limitPace(plain, { what, faultOf, ended, ...(mostBytes === undefined ? {} : { mostBytes }) });
  const valuesOf = (name: string) => [headers[name] ?? []].flat();
  return {
    ...{ url, status: statusCode, leftOrigin, body },
    header: (name) => valuesOf(name)[0],
    headers: valuesOf,
    decode: () => decodeBody(body, valuesOf('content-encoding')[0] ?? '', options),
    discard: () => {
      if (body.readableDidRead) body.destroy();
      else plain.dump({ limit: DISCARD_LIMIT }).catch(() => {});
    },
  };
}

const REFUSAL_LIMIT = 16 * 1024;

/** Reads the first 16 KiB of an error answer, or less if the connection breaks. Throws `cancelled` only. */
export async function readBeginning(answer: Answer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    await readUpTo(answer, REFUSAL_LIMIT, chunks);
  } catch (error) {
    // After a broken connection, the bytes read so far and the status are still useful.
    if (isMkimageError(error, 'cancelled')) throw error;
  }
  return Buffer.concat(chunks).subarray(0, REFUSAL_LIMIT);
}

/** Reads the whole body, or only the first 16 KiB if the status is 400 or more. Throws `limit` and errors of the body. */
export async function readWhole(
  answer: Answer,
  { mostBytes, what, rules }: HttpRequest & { readonly mostBytes: number },
): Promise<WholeAnswer> {
  const { url, status, leftOrigin, header, headers } = answer;
  const head = { url, status, leftOrigin, header, headers };
  if (status >= 400) return { ...head, bytes: await readBeginning(answer) };
  const chunks: Buffer[] = [];
  if ((await readUpTo(answer, mostBytes, chunks)) <= mostBytes) return { ...head, bytes: Buffer.concat(chunks) };
  throw new MkimageError('limit', `${what ?? rules.describe(url)}: larger than ${mostBytes} bytes`);
}

/** Reads into `chunks` until there are more than `most` bytes. Returns the number of bytes read. */
async function readUpTo({ body }: Answer, most: number, chunks: Buffer[]): Promise<number> {
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return size;
}

/** mkimage does not ask for compression. If a server sends gzip anyway, the content is the unpacked bytes, as in Go's client. */
function decodeBody(body: Readable, encoding: string, options: AnswerOptions): AsyncIterable<Buffer> {
  return /^(x-)?gzip$/i.test(encoding) ? unpackGzip(body, options) : body;
}

async function* unpackGzip(body: Readable, { what, mostBytes, faultOf }: AnswerOptions): AsyncGenerator<Buffer> {
  const { UNPACKED_BYTES: free, UNPACKED_RATIO: ratio, FETCH_BYTES } = getLimits();
  const most = mostBytes ?? FETCH_BYTES;
  const plain = createGunzip();
  body.once('error', (error) => plain.destroy(error)).pipe(plain);
  let size = 0;
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) throw createLimitError('FETCH_BYTES', `${what}: it has more than ${most} bytes`);
      if (size > free && size > plain.bytesWritten * ratio)
        throw createLimitError(
          'UNPACKED_BYTES',
          `unpack answer: ${plain.bytesWritten} bytes expand to more than ${size}`,
        );
      yield chunk;
    }
  } catch (error) {
    throw faultOf(explainZlibError(error));
  } finally {
    body.destroy();
    plain.destroy();
  }
}

/** zlib's own `unexpected end of file` would mislead, because there is no file. */
function explainZlibError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return new Error('the compressed answer ended too early', { cause: error });
  return code === 'Z_DATA_ERROR' ? new Error('the compressed answer is damaged', { cause: error }) : error;
}
