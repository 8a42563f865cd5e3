import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { readOrUndefined } from '../../../errors.ts';
import { HttpFailure } from './failure.ts';
import { isObject, parseJson } from './query.ts';

/** The body of a request that is a JSON document. */
const MOST_JSON_BYTES = 8 * 2 ** 20;
const MOST_JSON_MS = 60_000;

/** Both directions of a connection that carries the streams of a container. */
export interface StreamPair {
  readonly input: Readable;
  readonly output: Writable;
}

export interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly parameters: readonly string[];
  readonly query: URLSearchParams;
  /** 47 is version 1.47. */
  readonly minor: number;
  /** Aborts when the client has gone or the daemon stops. */
  readonly signal: AbortSignal;
  /** Set if the client wants to have the connection: its body was read already. */
  readonly upgrade: UpgradeParts | undefined;
}

export interface UpgradeParts {
  readonly body: Buffer;
  /** The connection, from the first byte after the body on. */
  readonly socket: Socket;
}

/** One request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly parameters: readonly string[];
  readonly query: URLSearchParams;
  readonly minor: number;
  readonly signal: AbortSignal;
  readonly #upgrade: UpgradeParts | undefined;
  #isHijacked = false;

  constructor({ request, response, parameters, query, minor, signal, upgrade }: ExchangeParts) {
    this.request = request;
    this.response = response;
    this.parameters = parameters;
    this.query = query;
    this.minor = minor;
    this.signal = signal;
    this.#upgrade = upgrade;
  }

  /** True: an error can no longer be a reply of its own. */
  get hasBegun(): boolean {
    return this.#isHijacked || this.response.headersSent;
  }

  /** Reads a JSON object; an empty body is an empty object. Throws 400, and 413 if it is too large. */
  async readJson(): Promise<Readonly<Record<string, unknown>>> {
    return this.#toObject(this.#upgrade?.body ?? (await readLimited(this.request)));
  }

  /** The same, but the body may continue with something else: a client may send input of a process after it. */
  async readFirstJson(): Promise<Readonly<Record<string, unknown>>> {
    return this.#toObject(this.#upgrade?.body ?? (await readFirstDocument(this.request)));
  }

  #toObject(bytes: Buffer): Readonly<Record<string, unknown>> {
    if (bytes.length === 0) return {};
    const value = parseJson(bytes.toString('utf8'));
    if (value === null) return {};
    if (!isObject(value)) throw new HttpFailure(400, 'invalid body: expected a JSON object');
    return value;
  }

  sendJson(status: number, value: unknown): void {
    const body = Buffer.from(`${JSON.stringify(value)}\n`);
    this.response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length });
    this.response.end(body);
  }

  sendEmpty(status: number): void {
    this.response.writeHead(status, status === 200 ? { 'Content-Length': 0 } : {});
    this.response.end();
  }

  /** Sends the header at once: clients wait for it before they send their next request. */
  startStream(type: string): Writable {
    this.response.writeHead(200, { 'Content-Type': type });
    this.response.flushHeaders();
    return this.response;
  }

  /** Ends the connection, because a reply cannot be completed. */
  abort(): void {
    if (this.#upgrade === undefined) this.response.destroy();
    else this.#upgrade.socket.destroy();
  }

  /** Takes the connection for the streams of a container; without an upgrade the bodies of request and reply are used. */
  hijack(type: string): StreamPair {
    this.#isHijacked = true;
    if (this.#upgrade === undefined) return { input: this.request, output: this.startStream(type) };
    const { socket } = this.#upgrade;
    this.response.detachSocket(socket);
    socket.write(`HTTP/1.1 101 UPGRADED\r\nContent-Type: ${type}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`);
    return { input: socket, output: socket };
  }
}

async function readLimited(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => request.destroy(new HttpFailure(408, 'the body arrives too slowly')), MOST_JSON_MS);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_JSON_BYTES) throw new HttpFailure(413, 'the body is too large');
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}

/** Reads until the bytes are a whole JSON document, or the body ends. */
function readFirstDocument(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      request.removeListener('data', take).removeListener('end', end).removeListener('error', reject).pause();
      settle();
    };
    const end = () => finish(() => resolve(bytes));
    const timer = setTimeout(
      () => finish(() => reject(new HttpFailure(408, 'the body arrives too slowly'))),
      MOST_JSON_MS,
    );
    const take = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length > MOST_JSON_BYTES) finish(() => reject(new HttpFailure(413, 'the body is too large')));
      else if (bytes.at(-1) === BRACE || bytes.at(-2) === BRACE) {
        if (readOrUndefined(() => parseJson(bytes.toString('utf8'))) !== undefined) end();
      }
    };
    request.on('data', take).once('end', end).once('error', reject);
  });
}

/** A closing brace. */
const BRACE = 0x7d;
