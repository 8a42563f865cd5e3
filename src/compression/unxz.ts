import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { MkimageError } from '../errors.ts';

type XzStream = new (compressed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;

/** The error of xz-decompress for a dictionary above 64 MiB, the size that `xz -9` uses. */
const DICTIONARY_TOO_LARGE = /error code 4\b/;

/** Decompresses xz with any number of streams. Throws `limit` for a dictionary above 64 MiB. */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const Xz = await loadXzStream();
  const compressed = Readable.toWeb(Readable.from(source, { objectMode: false })) as ReadableStream<Uint8Array>;
  try {
    yield* new Xz(compressed);
  } catch (cause) {
    if (!DICTIONARY_TOO_LARGE.test(String(cause))) throw cause;
    const message = 'decompress archive: the xz data needs a dictionary of more than 64 MiB';
    throw new MkimageError('limit', message, { cause, hint: 'compress it again with `xz -9` or less' });
  }
}

/** The package is a CommonJS module: Node puts its exports into the default export, a bundle has named exports. */
async function loadXzStream(): Promise<XzStream> {
  const module = (await import('xz-decompress')) as {
    XzReadableStream?: unknown;
    default?: { XzReadableStream: unknown };
  };
  return (module.XzReadableStream ?? module.default?.XzReadableStream) as XzStream;
}
