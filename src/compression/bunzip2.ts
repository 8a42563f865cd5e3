import { setImmediate as eventLoop } from 'node:timers/promises';
import { ByteFeed } from './byte-feed.ts';

/** More than one block can take: 18,002 groups of 50 symbols of 20 bits, and the tables before them. */
const LONGEST_BLOCK = 3 << 20;

/** Reads bzip2, however many streams, one block (up to 900 kB before runs are spelled out) at a time. */
export async function* bunzip2(source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  const { default: Bunzip } = await import('seek-bzip');
  const feed = new ByteFeed(source);
  try {
    const input = byteSource(feed);
    const output = byteSink();
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

/** The reader takes its bytes at once: what a block may need is held before it begins. */
function byteSource(feed: ByteFeed) {
  return {
    /** -1 is the end. */
    readByte: () => feed.takeByte() ?? -1,
    read(buffer: Uint8Array, offset: number, length: number) {
      const taken = feed.take(length);
      buffer.set(taken, offset);
      return taken.length === 0 ? -1 : taken.length;
    },
    seek() {
      throw new Error('bzip2 is read from its beginning');
    },
  };
}

const PIECE = 256 << 10;

function byteSink() {
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
    /** What was written since the last call. */
    take(): readonly Buffer[] {
      const taken = [...full, bytes.subarray(0, used)];
      full = [];
      bytes = Buffer.allocUnsafe(PIECE);
      used = 0;
      return taken;
    },
  };
}
