/** What a context argument that is no directory turns out to be: its bytes say it. */
import { Readable } from 'node:stream';
import { decompressStream, SNIFF_LENGTH, sniffCompression } from '../compression/index.ts';
import type { BuildContext } from '../context/index.ts';
import { MkimageError } from '../errors.ts';
import { collect } from '../host/index.ts';
import { startsWithHeader } from '../tar/index.ts';
import { MOST_TEXT } from './bounds.ts';

/** The content of a context argument that is not a directory. */
export type FetchedInput =
  | { readonly kind: 'build-file'; readonly name: string; readonly bytes: Uint8Array }
  | { readonly kind: 'context'; readonly context: BuildContext };

/** Detects by content, as Docker does: an archive, plain or compressed, is a context. */
export async function fetchedInput(
  stream: Readable,
  name: string,
  openArchive: (tar: Readable) => Promise<BuildContext>,
): Promise<FetchedInput> {
  const { head, rest } = await peek(stream, 512);
  const compression = sniffCompression(head.subarray(0, SNIFF_LENGTH));
  if (compression === 'uncompressed' && !startsWithHeader(head)) {
    const bytes = await collect(rest, `build file from ${name}`, MOST_TEXT);
    if (isBinary(bytes)) throw neitherTextNorArchive(name);
    return { kind: 'build-file', name: 'Dockerfile', bytes };
  }
  const tar = decompressStream(Readable.from(rest), compression);
  return { kind: 'context', context: await openArchive(tar) };
}

/**
 * Looks for control characters that text does not contain. UTF-16 contains many; the reader of build files rejects it
 * with a better message.
 */
function isBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 8192);
  const isUtf16 = /^(?:fffe|feff)/.test(Buffer.from(head.subarray(0, 2)).toString('hex'));
  return !isUtf16 && head.some((byte) => byte < 9 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32));
}

function neitherTextNorArchive(name: string): MkimageError {
  const what = name === 'stdin' ? 'standard input' : `\`${name}\``;
  return new MkimageError('invalid-archive', `read ${what}: neither a build file nor an archive`, {
    hint: 'an archive is a tar file, plain or compressed with gzip, bzip2, xz or zstd',
  });
}

/** Returns the first bytes, and a stream of all bytes from the beginning. */
async function peek(stream: Readable, length: number): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const iterator = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const taken: Buffer[] = [];
  for (let size = 0; size < length; ) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
    size += next.value.length;
  }
  const rest = async function* () {
    yield* taken;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  return { head: Buffer.concat(taken).subarray(0, length), rest: rest() };
}
