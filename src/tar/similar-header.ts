import { BLOCK, checksumOf, FIELD, fitsOctal, type TarHeader, writeOctal } from './header.ts';

const [NAME, SIZE, CHECKSUM] = [FIELD.name, FIELD.size, FIELD.checksum];
const ZERO = 0x30;

/**
 * Writes headers that differ from the one before in name and size only, as most of a layer do: the rest of the block and the sum
 * of its bytes are kept. That takes a fifth of the time of a whole header.
 */
export class SimilarHeader {
  readonly #rest = Buffer.alloc(BLOCK);
  /** Of the rest, with the checksum's field as spaces. */
  #sum = 0;
  #before: TarHeader | undefined;

  /** Takes note of a header that was written whole, without pax records, and of its block. */
  learn(header: TarHeader, block: Buffer, at: number): void {
    this.#before = undefined;
    if (!isPlain(header)) return;
    block.copy(this.#rest, 0, at, at + BLOCK);
    for (const [start, length] of [NAME, SIZE, CHECKSUM, FIELD.prefix]) this.#rest.fill(0, start, start + length);
    this.#sum = checksumOf(this.#rest, 0);
    this.#before = header;
  }

  /** Writes the header's block; false, and nothing that counts is written, if it is not similar. */
  write(header: TarHeader, block: Buffer, at: number): boolean {
    const before = this.#before;
    if (before === undefined || !isPlain(header) || !isSimilar(before, header)) return false;
    block.set(this.#rest, at);
    const name = writeName(block, at, header.path);
    if (name < 0) return false;
    const sum = this.#sum + name + writeSize(block, at + SIZE[0], header.size);
    writeOctal(block, at, [CHECKSUM[0], 7], sum);
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

/** The sum of the bytes; -1 if the name does not fit or is not all ASCII. */
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

/** The sum of the digits' bytes. */
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
