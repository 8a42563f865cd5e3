import { setImmediate as eventLoop } from 'node:timers/promises';
import { ByteFeed } from './byte-feed.ts';

/** An upper bound for the size of one block: 18,002 groups of 50 symbols of 20 bits, and the tables before them. */
const LONGEST_BLOCK = 3 << 20;

/** Decompresses bzip2 with any number of streams, one block (up to 900 kB before run-length decoding) at a time. */
export async function* bunzip2(source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  const { default: Bunzip } = await import('seek-bzip');
  const feed = new ByteFeed(source);
  try {
    const input = createByteSource(feed);
    const output = createByteSink();
    await feed.fill(LONGEST_BLOCK);
    const reader = new Bunzip(input, output);
    for (;;) {
      await feed.fill(LONGEST_BLOCK);
      if (reader._init_block()) {
        reader._read_bunzip();
        yield* output.take();
        await eventLoop();
      } else {
        if (reader.reader.read(32) >>> 0 !== reader.streamCRC) throw new Error('bad stream checksum');
        if (!(await feed.fill(1))) return;
        reader._start_bunzip(input, output);
      }
    }
  } finally {
    await feed.close();
  }
}

/** seek-bzip reads synchronously, so all bytes that a block may need are loaded before it begins. */
function createByteSource(feed: ByteFeed) {
  return {
    /** Returns -1 at the end. */
    readByte: () => feed.takeByte() ?? -1,
    read(buffer: Uint8Array, offset: number, length: number) {
      const taken = feed.take(length);
      buffer.set(taken, offset);
      return taken.length === 0 ? -1 : taken.length;
    },
    seek() {
      throw new Error('seeking is not supported');
    },
  };
}

const PIECE = 256 << 10;

function createByteSink() {
  let full: Buffer[] = [];
  let bytes = Buffer.allocUnsafe(PIECE);
  let used = 0;
  return {
    writeByte(byte: number) {
      if (used === PIECE) {
        full.push(bytes);
        bytes = Buffer.allocUnsafe(PIECE);
        used = 0;
      }
      bytes[used++] = byte;
    },
    /** Returns the bytes written since the last call. */
    take(): readonly Buffer[] {
      const taken = [...full, bytes.subarray(0, used)];
      full = [];
      bytes = Buffer.allocUnsafe(PIECE);
      used = 0;
      return taken;
    },
  };
}
