/** Messages in the body of an HTTP/2 stream: a byte that says whether it is compressed, the length, the message. */
import type { Readable } from 'node:stream';
import { MkimageError } from '../../../errors.ts';

/** The same limit as BuildKit. */
const LARGEST_MESSAGE = 16 * 1024 * 1024;
const HEADER = 5;

export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEADER + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, HEADER);
  return framed;
}

/** Collects chunks until a message is complete. Owns the bytes that are not read yet. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #length = 0;
  /** How many bytes are needed to go on. */
  #needed = HEADER;

  /** Returns the messages that this chunk completes. Throws `usage`, `limit`. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: Buffer[] = [];
    while (this.#length >= this.#needed) {
      const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      const end = readEnd(all);
      if (all.length >= end) messages.push(all.subarray(HEADER, end));
      const rest = all.length >= end ? all.subarray(end) : all;
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#length = rest.length;
      this.#needed = rest.length < HEADER ? HEADER : readEnd(rest);
    }
    return messages;
  }

  /** True if the stream may end here. */
  get isBetween(): boolean {
    return this.#length === 0;
  }
}

function readEnd(bytes: Buffer): number {
  if (bytes[0] !== 0) throw new MkimageError('usage', 'read message: it is compressed');
  const length = bytes.readUInt32BE(1);
  if (length <= LARGEST_MESSAGE) return HEADER + length;
  throw new MkimageError('limit', `read message: ${length} bytes are more than ${LARGEST_MESSAGE}`);
}

/** Reads the messages of a stream; the stream stays open for writing. Throws `usage`, `limit`, and what the stream does. */
export async function* readMessages(stream: Readable): AsyncGenerator<Buffer, void> {
  const splitter = new FrameSplitter();
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield* splitter.push(chunk as Buffer);
  if (!splitter.isBetween) throw new MkimageError('usage', 'read message: the stream ends within it');
}
