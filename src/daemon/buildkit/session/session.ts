/** A session: a connection on which a client serves its files, secrets and credentials. */
import type { IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import { type CallSettings, GrpcClient, type OpenCall, type RemoteMethod } from '../grpc/client.ts';

const PREFIX = 'x-docker-expose-session-';

export interface SessionHeaders {
  readonly id: string;
  /** Paths of the methods that the client serves. */
  readonly methods: ReadonlySet<string>;
}

/**
 * Reads the headers of `POST /session`, or the metadata of `Control.Session`. Returns undefined if they have no ID.
 * A header that was sent many times comes joined by commas.
 */
export function readSessionHeaders(headers: IncomingHttpHeaders): SessionHeaders | undefined {
  const id = valuesOf(headers, 'uuid')[0];
  if (id === undefined) return undefined;
  return { id, methods: new Set(valuesOf(headers, 'grpc-method')) };
}

function valuesOf(headers: IncomingHttpHeaders, name: string): readonly string[] {
  const given = headers[PREFIX + name] ?? [];
  return [given].flat().flatMap((value) =>
    value
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  );
}

/** Owns the connection of a session. */
export class Session implements Disposable {
  readonly id: string;
  readonly #methods: ReadonlySet<string>;
  readonly #client: GrpcClient;

  constructor({ id, methods }: SessionHeaders, connection: Duplex) {
    this.id = id;
    this.#methods = methods;
    this.#client = new GrpcClient(connection);
  }

  /** Aborted when the client has gone. */
  get closed(): AbortSignal {
    return this.#client.closed;
  }

  offers({ path }: Pick<RemoteMethod<unknown, unknown>, 'path'>): boolean {
    return this.#methods.has(path);
  }

  ask<Q, A>(method: RemoteMethod<Q, A>, message: Partial<Q>, settings: CallSettings): Promise<A> {
    return this.#client.ask(method, message, settings);
  }

  open<Q, A>(method: RemoteMethod<Q, A>, settings: CallSettings): OpenCall<Q, A> {
    return this.#client.open(method, settings);
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}
