import type { Readable, Writable } from 'node:stream';
import { DetachKeys } from '../../../docker-syntax/index.ts';
import { encodeFrame, type StreamName } from '../../../process/index.ts';
import type { StreamPair } from '../http/exchange.ts';
import { waitForDrain } from '../http/write-all.ts';

export interface ClientWishes {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly isTty: boolean;
  readonly detachKeys: string | undefined;
}

/** Gets what a client types. */
export interface InputTaker {
  /** Returns a promise while it cannot take more. */
  write(bytes: Buffer): Promise<void> | undefined;
  /** The client types no more. */
  end(): void;
}

/** A client that has closed its half only is waited for so long. */
const FAREWELL_MS = 10_000;

/** The connection of a client to the streams of a container. */
export class StreamClient {
  /** Resolves when the connection is over: the output ended, the client left or detached. */
  readonly done: Promise<void>;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #wishes: ClientWishes;
  #finish: () => void = () => {};
  #isTyping = false;

  constructor({ input, output }: StreamPair, wishes: ClientWishes) {
    this.#input = input;
    this.#output = output;
    this.#wishes = wishes;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    output.once('close', this.#finish).on('error', this.#finish);
    input.on('error', this.#finish);
    if (!wishes.stdin) input.resume(); // so that its end is noticed
  }

  get hasInput(): boolean {
    return this.#wishes.stdin;
  }

  /** Sends output. Returns a promise while the client cannot take more. */
  write(stream: StreamName, bytes: Uint8Array): Promise<void> | undefined {
    const { isTty, stdout, stderr } = this.#wishes;
    if (!this.#output.writable || !(isTty || (stream === 'stderr' ? stderr : stdout))) return undefined;
    return this.#output.write(isTty ? bytes : encodeFrame(stream, bytes)) ? undefined : waitForDrain(this.#output);
  }

  /** Sends what the client types. */
  giveInput(taker: InputTaker): void {
    if (!this.#wishes.stdin || this.#isTyping) return;
    this.#isTyping = true;
    const keys = this.#wishes.isTty ? new DetachKeys(this.#wishes.detachKeys) : undefined;
    this.#input.on('data', (chunk: Buffer) => {
      const { bytes, isDetached } = keys?.push(chunk) ?? { bytes: chunk, isDetached: false };
      const slow = bytes.length === 0 ? undefined : taker.write(bytes);
      if (slow !== undefined) {
        this.#input.pause();
        void slow.then(() => this.#input.resume());
      }
      if (isDetached) this.end();
    });
    this.#input.once('end', () => taker.end());
    this.#input.resume(); // it stays paused after a body was read from it
  }

  /** There is no more output. */
  end(): void {
    if (!this.#wishes.stdin || !this.#isTyping) this.#input.resume();
    this.#output.end(this.#finish);
    setTimeout(() => this.#output.destroy(), FAREWELL_MS).unref();
  }
}
