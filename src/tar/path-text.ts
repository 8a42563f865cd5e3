/**
 * File names are bytes; mkimage stores them as text. Valid UTF-8 is decoded as usual. A byte that is not valid UTF-8 becomes a lone
 * low surrogate U+DC80…U+DCFF. No valid UTF-8 decodes to such a surrogate, so both conversions are exact.
 */

const ESCAPED = /[\udc80-\udcff]/u;
const REPLACEMENT = '\ufffd';

/** Decodes the bytes of a file name to path text. */
export function textOfBytes(bytes: Uint8Array): string {
  const buffer = toBuffer(bytes);
  const text = buffer.toString('utf8');
  return text.includes(REPLACEMENT) ? escapeInvalid(buffer) : text;
}

/** Encodes path text to the bytes of the file name: the inverse of `textOfBytes`. */
export function bytesOfText(text: string): Buffer {
  return ESCAPED.test(text) ? encodeEscaped(text) : Buffer.from(text, 'utf8');
}

/** Converts path text to an argument for `node:fs`: the text itself if it is valid UTF-8, otherwise its bytes. */
export function toFsName(text: string): string | Buffer {
  return ESCAPED.test(text) ? encodeEscaped(text) : text;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function escapeInvalid(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = measureSequence(bytes, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + bytes[at]!) : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** Returns the length of the valid UTF-8 sequence at `at` (RFC 3629: no overlong forms, no surrogates), or 0. */
function measureSequence(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  for (let next = at + 1; next < at + length; next++) if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  return isSecondByteValid(first, bytes[at + 1]!) ? length : 0;
}

function isSecondByteValid(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second < 0x90;
}

function encodeEscaped(text: string): Buffer {
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    const escaped = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    parts.push(escaped ? Buffer.from([code - 0xdc00]) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}
