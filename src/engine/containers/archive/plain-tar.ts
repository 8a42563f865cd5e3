import { Readable } from 'node:stream';
import { decompressStream, SNIFF_LENGTH, sniffCompression } from '../../../compression/index.ts';

/** The bytes of an archive that may be compressed with gzip, bzip2, xz or zstd. */
export async function* readPlainTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.length < SNIFF_LENGTH) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = async function* () {
    yield head;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  yield* decompressStream(Readable.from(whole()), sniffCompression(head)) as AsyncIterable<Uint8Array>;
}
