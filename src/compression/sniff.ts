/** The compression of a file, detected by its first bytes, because names and media types can be wrong. */
export type ArchiveCompression = 'uncompressed' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

/** Number of bytes that `sniffCompression` needs. */
export const SNIFF_LENGTH = 10;

const GZIP = [0x1f, 0x8b, 0x08];
const BZIP2 = [0x42, 0x5a, 0x68];
const XZ = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/** Returns the compression that the first bytes show; `uncompressed` if it is not known. */
export function sniffCompression(bytes: Uint8Array): ArchiveCompression {
  if (startsWith(bytes, GZIP)) return 'gzip';
  if (startsWith(bytes, BZIP2)) return 'bzip2';
  if (startsWith(bytes, XZ)) return 'xz';
  return startsWith(bytes, ZSTD) || isSkippableFrame(bytes) ? 'zstd' : 'uncompressed';
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** A zstd stream may begin with frames that hold no data (RFC 8878, 3.1.2): 0x184D2A50 to 0x184D2A5F, little endian. */
function isSkippableFrame(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && (bytes[0]! & 0xf0) === 0x50 && startsWith(bytes.subarray(1), [0x2a, 0x4d, 0x18]);
}
