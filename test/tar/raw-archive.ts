/** Archives made block by block, so that a test can put anything into a header. */
import { BLOCK, checksumOf, createOctalWriter, FIELD, type Field, writeChecksumDigits } from '../../src/tar/header.ts';
import { type TarEntry, TarReader } from '../../src/tar/index.ts';

export interface RawFields {
  readonly name?: string;
  readonly flag?: string;
  readonly size?: number;
  /** Bytes that are put over a field. */
  readonly over?: readonly (readonly [Field, Uint8Array | string])[];
  /** Puts a checksum that is not that of the bytes. */
  readonly checksum?: number;
}

/** A header block whose checksum is right unless another is given. */
export function rawHeader({ name = 'a', flag = '0', size = 0, over = [], checksum }: RawFields = {}): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 'latin1');
  for (const field of [FIELD.mode, FIELD.uid, FIELD.gid, FIELD.mtime]) createOctalWriter(field)(block, 0, 0);
  createOctalWriter(FIELD.size)(block, 0, size);
  block.write(flag, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  for (const [[start, length], bytes] of over) {
    block.fill(0, start, start + length);
    block.set(Buffer.from(bytes as string, 'latin1').subarray(0, length), start);
  }
  writeChecksumDigits(block, 0, checksum ?? checksumOf(block, 0));
  return block;
}

/** Data with zeros up to a whole block. */
export function padded(data: Uint8Array | string): Buffer {
  const bytes = Buffer.from(data as string, 'latin1');
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))]);
}

/** A header of this type, and its data. */
export function rawMember(flag: string, data: Uint8Array | string, name = 'a'): Buffer {
  return Buffer.concat([rawHeader({ flag, size: data.length, name }), padded(data)]);
}

/** The entries of an archive; throws what the reader throws. */
export function entriesOf(...blocks: readonly Uint8Array[]): TarEntry[] {
  const entries: TarEntry[] = [];
  const reader = new TarReader({ entry: (entry) => entries.push(entry), data: () => {}, entryEnd: () => {} });
  for (const block of blocks) reader.push(block);
  reader.end();
  return entries;
}
