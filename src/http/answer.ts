/** What a server answered. */
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { isMkimageError, MkimageError } from '../errors.ts';
import { limitError, limits } from '../limits.ts';
import { paced } from './pace.ts';
import type { HttpRequest } from './request.ts';

/** The head of an answer. */
export interface AnswerHead {
  /** Where it came from, redirects followed. */
  readonly url: URL;
  readonly status: number;
  /** One value of a header; the first, if it came several times. */
  header(name: string): string | undefined;
  headers(name: string): readonly string[];
  /** True if a redirect led to another scheme, host or port on the way: what it says is not said by who was asked. */
  readonly leftOrigin: boolean;
}

/**
 * An answer whose body has not been read. Whoever gets it reads the body or discards it. The body fails with errors of this
 * room (`network`, `limit`, `cancelled`), and only towards who reads it.
 */
export interface Answer extends AnswerHead {
  readonly body: Readable;
  /** The body without a compression that was for the way alone. Fails for one that ends early, is damaged or unpacks to too much. */
  decoded(): AsyncIterable<Buffer>;
  /** Lets go of the body; a short rest is read off, so that the connection can be used again. */
  discard(): void;
}

/** An answer with its body. */
export interface WholeAnswer extends AnswerHead {
  readonly bytes: Buffer;
}

export interface AnswerOptions {
  readonly url: URL;
  readonly leftOrigin: boolean;
  /** Begins messages. */
  readonly what: string;
  readonly mostBytes: number | undefined;
  readonly faultOf: (error: unknown) => Error;
  /** Told how many bytes came, when no more will. */
  readonly ended?: ((bytes: number) => void) | undefined;
}

const DISCARD_LIMIT = 16 * 1024;

export function answerOf(
  { statusCode, headers, body: plain }: Dispatcher.ResponseData,
  options: AnswerOptions,
): Answer {
  const { url, leftOrigin, what, mostBytes, faultOf, ended } = options;
  const body = paced(plain, { what, faultOf, ended, ...(mostBytes === undefined ? {} : { mostBytes }) });
  const valuesOf = (name: string) => [headers[name] ?? []].flat();
  return {
    ...{ url, status: statusCode, leftOrigin, body },
    header: (name) => valuesOf(name)[0],
    headers: valuesOf,
    decoded: () => decoded(body, valuesOf('content-encoding')[0] ?? '', options),
    discard: () => {
      if (body.readableDidRead) body.destroy();
      else plain.dump({ limit: DISCARD_LIMIT }).catch(() => {});
    },
  };
}

const REFUSAL_LIMIT = 16 * 1024;

/** What a refusal begins with, as far as it comes: at most 16 KiB. Throws `cancelled` only. */
export async function beginningOf(answer: Answer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    await readUpTo(answer, REFUSAL_LIMIT, chunks);
  } catch (error) {
    // One that breaks off still leaves what was read, and the status.
    if (isMkimageError(error, 'cancelled')) throw error;
  }
  return Buffer.concat(chunks).subarray(0, REFUSAL_LIMIT);
}

/** Reads all of the body; of a refusal (400 or more) only the beginning. Throws `limit`, and what the body fails with. */
export async function readWhole(
  answer: Answer,
  { mostBytes, what, rules }: HttpRequest & { readonly mostBytes: number },
): Promise<WholeAnswer> {
  const { url, status, leftOrigin, header, headers } = answer;
  const head = { url, status, leftOrigin, header, headers };
  if (status >= 400) return { ...head, bytes: await beginningOf(answer) };
  const chunks: Buffer[] = [];
  if ((await readUpTo(answer, mostBytes, chunks)) <= mostBytes) return { ...head, bytes: Buffer.concat(chunks) };
  throw new MkimageError('limit', `${what ?? rules.describe(url)}: larger than ${mostBytes} bytes`);
}

/** Puts what comes into `chunks`, until it is more than `most` bytes; gives the number that came. */
async function readUpTo({ body }: Answer, most: number, chunks: Buffer[]): Promise<number> {
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return size;
}

/** Nothing compressed was asked for; who sends gzip all the same means the bytes inside, as Go's client takes it. */
function decoded(body: Readable, encoding: string, options: AnswerOptions): AsyncIterable<Buffer> {
  return /^(x-)?gzip$/i.test(encoding) ? gunzipped(body, options) : body;
}

async function* gunzipped(body: Readable, { what, mostBytes, faultOf }: AnswerOptions): AsyncGenerator<Buffer> {
  const { UNPACKED_BYTES: free, UNPACKED_RATIO: ratio, FETCH_BYTES } = limits();
  const most = mostBytes ?? FETCH_BYTES;
  const plain = createGunzip();
  body.once('error', (error) => plain.destroy(error)).pipe(plain);
  let size = 0;
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) throw limitError('FETCH_BYTES', `${what}: it has more than ${most} bytes`);
      if (size > free && size > plain.bytesWritten * ratio)
        throw limitError('UNPACKED_BYTES', `unpack answer: ${plain.bytesWritten} bytes expand to more than ${size}`);
      yield chunk;
    }
  } catch (error) {
    throw faultOf(inWords(error));
  } finally {
    body.destroy();
    plain.destroy();
  }
}

/** zlib says `unexpected end of file`, of which there is none. */
function inWords(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return new Error('the compressed answer ended too early', { cause: error });
  return code === 'Z_DATA_ERROR' ? new Error('the compressed answer is damaged', { cause: error }) : error;
}
