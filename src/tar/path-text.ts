/**
 * File names are bytes; mkimage holds them as text. Valid UTF-8 is itself; a byte that is not part of valid UTF-8 stands
 * as a lone low surrogate U+DC80…U+DCFF, which no valid UTF-8 decodes to, so both directions are exact.
 */

const ESCAPED = /[\udc80-\udcff]/u;
const REPLACEMENT = '\ufffd';

/** The text of a file name's bytes. */
export function textOfBytes(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes);
  const text = buffer.toString('utf8');
  return text.includes(REPLACEMENT) ? escapeInvalid(buffer) : text;
}

/** The bytes of a file name's text: the inverse of `textOfBytes`. */
export function bytesOfText(text: string): Buffer {
  return ESCAPED.test(text) ? bytesOfEscaped(text) : Buffer.from(text, 'utf8');
}

/** What `node:fs` wants for this name: the text where text will do, else its bytes. */
export function fsName(text: string): string | Buffer {
  return ESCAPED.test(text) ? bytesOfEscaped(text) : text;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function escapeInvalid(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? String.fromCharCode(0xdc00 + bytes[at]!) : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

/** Length of the valid UTF-8 sequence at `at` (RFC 3629: no overlong forms, no surrogates), or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0;
  for (let next = at + 1; next < at + length; next++) if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  return secondByteFits(first, bytes[at + 1]!) ? length : 0;
}

function secondByteFits(first: number, second: number): boolean {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second < 0xa0;
  if (first === 0xf0) return second >= 0x90;
  return first !== 0xf4 || second < 0x90;
}

function bytesOfEscaped(text: string): Buffer {
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    const escaped = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    parts.push(escaped ? Buffer.from([code - 0xdc00]) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}
