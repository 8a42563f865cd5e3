import { BLOCK, checksumOf, FIELD, fitsOctal, type TarHeader, writeChecksumDigits } from './header.ts';

const [NAME, SIZE, CHECKSUM] = [FIELD.name, FIELD.size, FIELD.checksum];
const ZERO = 0x30;

/**
 * Writes headers that differ from the one before in name and size only, like most headers of a layer. Keeps the rest of the block
 * and the sum of its bytes: that takes a fifth of the time of writing a complete header.
 */
export class SimilarHeader {
  readonly #rest = Buffer.alloc(BLOCK);
  /** The sum of the bytes of `#rest`, where the checksum field counts as spaces. */
  #sum = 0;
  #before: TarHeader | undefined;

  /** Keeps a header that was written completely and without pax records, and its block. */
  learn(header: TarHeader, block: Buffer, at: number): void {
    this.#before = undefined;
    if (!isPlain(header)) return;
    block.copy(this.#rest, 0, at, at + BLOCK);
    for (const [start, length] of [NAME, SIZE, CHECKSUM, FIELD.prefix]) this.#rest.fill(0, start, start + length);
    this.#sum = checksumOf(this.#rest, 0);
    this.#before = header;
  }

  /** Writes the header's block. Returns false if the header is not similar; the caller must then overwrite the block. */
  write(header: TarHeader, block: Buffer, at: number): boolean {
    const before = this.#before;
    if (before === undefined || !isPlain(header) || !isSimilar(before, header)) return false;
    block.set(this.#rest, at);
    const name = writeName(block, at, header.path);
    if (name < 0) return false;
    const sum = this.#sum + name + writeSize(block, at + SIZE[0], header.size);
    writeChecksumDigits(block, at, sum);
    block[at + CHECKSUM[0] + 7] = 0x20;
    return true;
  }
}

function isPlain(header: TarHeader): boolean {
  return header.linkname === undefined && header.device === undefined && header.xattrs === undefined;
}

function isSimilar(a: TarHeader, b: TarHeader): boolean {
  const isSame = a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.mtime === b.mtime;
  return isSame && fitsOctal(b.size, SIZE);
}

/** Returns the sum of the written bytes; -1 if the name does not fit or is not ASCII. */
function writeName(block: Buffer, at: number, path: string): number {
  if (path.length > NAME[1]) return -1;
  let sum = 0;
  for (let index = 0; index < path.length; index++) {
    const code = path.charCodeAt(index);
    if (code === 0 || code > 0x7f) return -1;
    block[at + index] = code;
    sum += code;
  }
  return sum;
}

/** Returns the sum of the written bytes. */
function writeSize(block: Buffer, start: number, size: number): number {
  let sum = 0;
  let rest = size;
  for (let index = start + SIZE[1] - 2; index >= start; index--) {
    const digit = ZERO + (rest % 8);
    block[index] = digit;
    sum += digit;
    rest = Math.floor(rest / 8);
  }
  return sum;
}
