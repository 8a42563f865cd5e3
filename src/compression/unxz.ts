import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { MkimageError } from '../errors.ts';

type XzStream = new (compressed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;

/** What the reader says of a dictionary above 64 MiB, which is what `xz -9` takes. */
const DICTIONARY_TOO_LARGE = /error code 4\b/;

/** Reads xz, however many streams. Throws `limit` for a dictionary above 64 MiB. */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const Xz = await loadXzStream();
  const compressed = Readable.toWeb(Readable.from(source, { objectMode: false })) as ReadableStream<Uint8Array>;
  try {
    yield* new Xz(compressed);
  } catch (cause) {
    if (!DICTIONARY_TOO_LARGE.test(String(cause))) throw cause;
    const message = 'decompress archive: the xz data asks for a dictionary of more than 64 MiB';
    throw new MkimageError('limit', message, { cause, hint: 'compress it again with `xz -9` or less' });
  }
}

/** A CommonJS module: its exports are the default export in Node, and named ones after bundling. */
async function loadXzStream(): Promise<XzStream> {
  const module = (await import('xz-decompress')) as {
    XzReadableStream?: unknown;
    default?: { XzReadableStream: unknown };
  };
  return (module.XzReadableStream ?? module.default?.XzReadableStream) as XzStream;
}
