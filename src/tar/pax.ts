/**
 * Pax extended header records: `<length> <key>=<value>\n`. The length includes its own digits (POSIX.1-2024 pax, "pax Extended
 * Header"). Values are bytes, because extended attributes (star's `SCHILY.xattr.<name>`) are binary.
 */
import { createArchiveError } from './header.ts';
import { textOfBytes } from './path-text.ts';

export type PaxRecords = ReadonlyMap<string, Buffer>;

export const XATTR_PREFIX = 'SCHILY.xattr.';

/** Encodes one record. */
export function encodeRecord(key: string, value: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  return Buffer.concat([Buffer.from(String(computeLength(body.length))), body]);
}

function computeLength(bodyLength: number): number {
  let length = bodyLength + String(bodyLength).length;
  if (bodyLength + String(length).length > length) length = bodyLength + String(length).length;
  return length;
}

/** Decodes all records of one extended header. If a key occurs several times, its last value counts. Throws `invalid-archive`. */
export function decodeRecords(bytes: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const end = at + decodeLength(bytes, at);
    const space = bytes.indexOf(0x20, at);
    const equals = bytes.indexOf(0x3d, space + 1);
    if (end > bytes.length || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a) throw createMalformedError();
    const key = textOfBytes(bytes.subarray(space + 1, equals));
    if (key === '' || key.includes('\0')) throw createMalformedError();
    records.set(key, bytes.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

function decodeLength(bytes: Buffer, at: number): number {
  let length = 0;
  let index = at;
  for (; index < bytes.length && bytes[index] !== 0x20; index++) {
    const digit = bytes[index]! - 0x30;
    if (digit < 0 || digit > 9 || length > bytes.length) throw createMalformedError();
    length = length * 10 + digit;
  }
  if (length <= index - at + 3) throw createMalformedError();
  return length;
}

function createMalformedError() {
  return createArchiveError('a pax record is malformed');
}
