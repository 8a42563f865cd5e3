import type { Writable } from 'node:stream';
import type { Exchange } from './exchange.ts';
import { messageOf } from './failure.ts';
import { waitForDrain } from './write-all.ts';

/** A client that does not read what it asked for loses its connection here, which cancels its work. */
const MOST_HELD_BYTES = 16 * 2 ** 20;

/** A reply of JSON objects, one per line. Its header is sent with the first line, so that earlier failures have a status. */
export class LineReply {
  readonly #exchange: Exchange;
  #output: Writable | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Returns a promise while the client cannot take more. */
  send(line: object): Promise<void> | undefined {
    this.#output ??= this.#exchange.startStream('application/json');
    if (this.#output.writableLength > MOST_HELD_BYTES) this.#output.destroy();
    if (this.#output.destroyed) return undefined;
    return this.#output.write(`${JSON.stringify(line)}\r\n`) ? undefined : waitForDrain(this.#output);
  }

  /** Runs the work and ends the reply. A failure after the first line is the last line. */
  async run(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#output === undefined) throw error;
      const message = messageOf(error);
      void this.send({ errorDetail: { message }, error: message });
    }
    this.#output ??= this.#exchange.startStream('application/json');
    this.#output.end();
  }
}
