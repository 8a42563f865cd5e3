/** Calls methods of a gRPC server on a connection that exists already. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { MkimageError } from '../../../errors.ts';
import type { Message } from '../wire/message.ts';
import { frame, readMessages } from './frames.ts';
import { HTTP2_OPTIONS, widenWindow } from './http2-settings.ts';
import { CODE, readTrailers, type Status, toError } from './status.ts';
import { writeAndWait } from './write-and-wait.ts';

/** The kinds of messages of a method. */
export interface RemoteMethod<Q, A> {
  /** `/moby.filesync.v1.Auth/Credentials`. */
  readonly path: string;
  readonly request: Message<Q>;
  readonly response: Message<A>;
}

export interface CallSettings {
  readonly signal: AbortSignal;
  readonly metadata?: OutgoingHttpHeaders | undefined;
}

/** A call that is under way. */
export interface OpenCall<Q, A> extends AsyncDisposable {
  /** Ends when the other side has sent all. Throws what the other side reports. */
  readonly messages: AsyncIterable<A>;
  readonly send: (message: Q) => Promise<void>;
  /** Says that no more will be sent. */
  readonly finish: () => void;
}

/** Owns the HTTP/2 session on a connection. */
export class GrpcClient implements Disposable {
  readonly #session: ClientHttp2Session;
  readonly #closed = new AbortController();

  constructor(connection: Duplex) {
    this.#session = connect('http://localhost', { ...HTTP2_OPTIONS, createConnection: () => connection });
    this.#session.on('connect', widenWindow);
    // Calls that are under way report the error.
    this.#session.on('error', () => {});
    this.#session.on('close', () => this.#closed.abort());
  }

  /** Aborted when the connection is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }

  /** Sends one message and returns the one of the answer. Throws `network`, `not-found`, `unsupported`, `cancelled`. */
  async ask<Q, A>(method: RemoteMethod<Q, A>, message: Partial<Q>, settings: CallSettings): Promise<A> {
    await using call = this.open(method, settings);
    await call.send(method.request.create(message));
    call.finish();
    const answer = await readFirst(call.messages);
    return answer === undefined ? method.response.decode(Buffer.alloc(0)) : answer;
  }

  /** Opens a call with messages in both directions. */
  open<Q, A>({ path, request, response }: RemoteMethod<Q, A>, { signal, metadata }: CallSettings): OpenCall<Q, A> {
    if (this.#session.destroyed || this.#session.closed) throw createGoneError(path);
    const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
    const stream = this.#session.request({ ...metadata, ...headers }, { endStream: false, signal });
    const ended = watchStatus(stream);
    stream.on('error', () => {});
    return {
      messages: readAnswers({ path, stream, ended, response, signal }),
      send: (message) => writeAndWait(stream, frame(request.encode(message))),
      finish: () => void stream.end(),
      [Symbol.asyncDispose]: async () => stream.close(constants.NGHTTP2_CANCEL),
    };
  }
}

/** Reads to the end, where the status is. */
async function readFirst<A>(messages: AsyncIterable<A>): Promise<A | undefined> {
  let first: A | undefined;
  for await (const each of messages) first ??= each;
  return first;
}

/** Resolves with the status when the stream is closed; undefined: the connection broke. */
function watchStatus(stream: ClientHttp2Stream): Promise<Pick<Status, 'code' | 'message'> | undefined> {
  let status: Pick<Status, 'code' | 'message'> | undefined;
  const take: Parameters<typeof stream.on>[1] = (headers: Parameters<typeof readTrailers>[0]) => {
    status = readTrailers(headers) ?? status;
  };
  stream.on('response', take);
  stream.on('trailers', take);
  return new Promise((settle) => stream.on('close', () => settle(status)));
}

interface Answering<A> {
  readonly path: string;
  readonly stream: ClientHttp2Stream;
  readonly ended: ReturnType<typeof watchStatus>;
  readonly response: Message<A>;
  readonly signal: AbortSignal;
}

async function* readAnswers<A>({ path, stream, ended, response, signal }: Answering<A>): AsyncGenerator<A, void> {
  try {
    for await (const message of readMessages(stream)) yield response.decode(message);
  } catch (error) {
    if (error instanceof MkimageError) throw error;
    stream.close();
  }
  if (!stream.writableEnded) stream.end();
  const status = await ended;
  if (signal.aborted) throw new MkimageError('cancelled', 'cancelled', { cause: signal.reason });
  if (status === undefined) throw createGoneError(path);
  if (status.code !== CODE.ok) throw toError(`ask the client for ${nameOf(path)}`, status);
}

function createGoneError(path: string): MkimageError {
  return new MkimageError('network', `ask the client for ${nameOf(path)}: it has closed its session`);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
