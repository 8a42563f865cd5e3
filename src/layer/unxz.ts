import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

type XzStream = new (compressed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;

/** Reads xz, however many streams. */
export async function* unxz(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const Xz = await loadXzStream();
  const compressed = Readable.toWeb(Readable.from(source, { objectMode: false })) as ReadableStream<Uint8Array>;
  yield* new Xz(compressed);
}

/** A CommonJS module: its exports are the default export in Node, and named ones after bundling. */
async function loadXzStream(): Promise<XzStream> {
  const module = (await import('xz-decompress')) as {
    XzReadableStream?: unknown;
    default?: { XzReadableStream: unknown };
  };
  return (module.XzReadableStream ?? module.default?.XzReadableStream) as XzStream;
}
