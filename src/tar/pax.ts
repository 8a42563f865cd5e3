/**
 * Pax extended header records: `<length> <key>=<value>\n`, the length counting itself (POSIX.1-2024 pax, "pax Extended
 * Header"). Values are bytes: extended attributes (star's `SCHILY.xattr.<name>`) are binary.
 */
import { invalidArchive } from './header.ts';
import { textOfBytes } from './path-text.ts';

export type PaxRecords = ReadonlyMap<string, Buffer>;

export const XATTR_PREFIX = 'SCHILY.xattr.';

/** One record's bytes. */
export function encodeRecord(key: string, value: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  return Buffer.concat([Buffer.from(String(recordLength(body.length))), body]);
}

function recordLength(bodyLength: number): number {
  let length = bodyLength + String(bodyLength).length;
  if (bodyLength + String(length).length > length) length = bodyLength + String(length).length;
  return length;
}

/** All records of one extended header; a key's last value counts. Throws `invalid-archive`. */
export function decodeRecords(bytes: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthAt(bytes, at);
    const space = bytes.indexOf(0x20, at);
    const equals = bytes.indexOf(0x3d, space + 1);
    if (end > bytes.length || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a) throw malformed();
    const key = textOfBytes(bytes.subarray(space + 1, equals));
    if (key === '' || key.includes('\0')) throw malformed();
    records.set(key, bytes.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

function lengthAt(bytes: Buffer, at: number): number {
  let length = 0;
  let index = at;
  for (; index < bytes.length && bytes[index] !== 0x20; index++) {
    const digit = bytes[index]! - 0x30;
    if (digit < 0 || digit > 9 || length > bytes.length) throw malformed();
    length = length * 10 + digit;
  }
  if (length <= index - at + 3) throw malformed();
  return length;
}

function malformed() {
  return invalidArchive('a pax record is malformed');
}
