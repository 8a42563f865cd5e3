/** What a server offers: methods by their path, each with the kinds of its messages. */
import type { IncomingHttpHeaders } from 'node:http2';
import type { Message } from '../wire/message.ts';
import type { Status } from './status.ts';

/** What a method knows of the call besides its message. */
export interface ServerCall {
  readonly headers: IncomingHttpHeaders;
  /** Aborted when the client goes away or gives up. */
  readonly signal: AbortSignal;
}

export interface DuplexCall<Request, Response> extends ServerCall {
  readonly messages: AsyncIterable<Request>;
  /** Resolves when more can be taken. */
  readonly send: (message: Response) => Promise<void>;
}

/** A failure that is passed on as it is: all others are thrown. */
export class Failure {
  readonly status: Status;

  constructor(status: Status) {
    this.status = status;
  }
}

type Handler = (call: DuplexCall<Buffer, Buffer>) => Promise<Status | undefined>;

/** One method, which reads and writes encoded messages. */
export interface Method {
  readonly handle: Handler;
}

export type Methods = ReadonlyMap<string, Method>;

/** One message in, one message out. */
export function unary<Q, A>(
  request: Message<Q>,
  response: Message<A>,
  answer: (message: Q, call: ServerCall) => Promise<A | Failure>,
): Method {
  return serverStream(request, response, async (message, call) => {
    const result = await answer(message, call);
    if (result instanceof Failure) return result;
    await call.send(result);
    return undefined;
  });
}

/** One message in, any number out. */
export function serverStream<Q, A>(
  request: Message<Q>,
  response: Message<A>,
  answer: (message: Q, call: Omit<DuplexCall<Q, A>, 'messages'>) => Promise<Failure | undefined>,
): Method {
  return {
    handle: async (call) => {
      const message = request.decode(await readOnly(call.messages));
      const send = (value: A) => call.send(response.encode(value));
      return (await answer(message, { headers: call.headers, signal: call.signal, send }))?.status;
    },
  };
}

/** Messages in both directions at the same time. */
export function duplex<Q, A>(
  request: Message<Q>,
  response: Message<A>,
  answer: (call: DuplexCall<Q, A>) => Promise<void>,
): Method {
  return {
    handle: async ({ headers, signal, messages, send }) => {
      const decoded = decodeAll(request, messages);
      await answer({ headers, signal, messages: decoded, send: (value) => send(response.encode(value)) });
      return undefined;
    },
  };
}

async function* decodeAll<Q>(kind: Message<Q>, messages: AsyncIterable<Buffer>): AsyncGenerator<Q, void> {
  for await (const message of messages) yield kind.decode(message);
}

/** A call without a message has an empty one. */
async function readOnly(messages: AsyncIterable<Buffer>): Promise<Buffer> {
  for await (const message of messages) return message;
  return Buffer.alloc(0);
}
