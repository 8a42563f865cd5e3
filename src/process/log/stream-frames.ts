/** Docker's framing of several streams on one connection: a byte for the stream, three zero bytes, the length (big-endian), the bytes. */
export type StreamName = 'stdin' | 'stdout' | 'stderr';

const NAMES: readonly StreamName[] = ['stdin', 'stdout', 'stderr'];
const HEADER = 8;

export function encodeFrame(stream: StreamName, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(NAMES.indexOf(stream), 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

export interface Frame {
  readonly stream: StreamName;
  readonly bytes: Buffer;
}

/** Decodes frames from pieces of any size. */
export class FrameDecoder {
  #held: Buffer = Buffer.alloc(0);

  /** Returns the frames that are complete. */
  push(chunk: Uint8Array): readonly Frame[] {
    this.#held = Buffer.concat([this.#held, chunk]);
    const frames: Frame[] = [];
    while (this.#held.length >= HEADER) {
      const end = HEADER + this.#held.readUInt32BE(4);
      if (this.#held.length < end) break;
      const stream = NAMES[this.#held.readUInt8(0)] ?? 'stdout';
      frames.push({ stream, bytes: this.#held.subarray(HEADER, end) });
      this.#held = this.#held.subarray(end);
    }
    return frames;
  }
}
