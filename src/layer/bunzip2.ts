import { setImmediate as eventLoop } from 'node:timers/promises';
import { MkimageError } from '../errors.ts';

/** The reader wants all of its input at once. */
const INPUT_LIMIT = 2 ** 30;

/** Reads bzip2, however many streams, one block (up to 900 kB of output) at a time. */
export async function* bunzip2(source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  const { default: Bunzip } = await import('seek-bzip');
  const input = byteSource(await collect(source));
  const output = byteSink();
  const reader = new Bunzip(input, output);
  for (;;) {
    if (reader._init_block()) {
      reader._read_bunzip();
      yield output.take();
      await eventLoop();
    } else {
      if (reader.reader.read(32) >>> 0 !== reader.streamCRC) throw new Error('bad stream checksum');
      if (input.eof()) return;
      reader._start_bunzip(input, output);
    }
  }
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    if (size > INPUT_LIMIT)
      throw new MkimageError('limit', `decompress archive: more than ${INPUT_LIMIT} bytes of bzip2`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

function byteSource(bytes: Buffer) {
  let at = 0;
  return {
    /** -1 is the end. */
    readByte: () => bytes[at++] ?? -1,
    read(buffer: Uint8Array, offset: number, length: number) {
      const count = bytes.copy(buffer, offset, at, at + length);
      at += length;
      return count === 0 ? -1 : count;
    },
    seek(position: number) {
      at = position;
    },
    eof: () => at >= bytes.length,
  };
}

function byteSink() {
  let bytes = Buffer.allocUnsafe(1 << 20);
  let used = 0;
  return {
    writeByte(byte: number) {
      if (used === bytes.length) bytes = Buffer.concat([bytes], 2 * bytes.length);
      bytes[used++] = byte;
    },
    /** What was written since the last call. */
    take(): Buffer {
      const taken = Buffer.from(bytes.subarray(0, used));
      used = 0;
      return taken;
    },
  };
}
