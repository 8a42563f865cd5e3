/** Detects build files that are not UTF-8. */

/** Why and where bytes are not UTF-8. */
export interface EncodingFault {
  readonly message: string;
  readonly hint: string;
  /** Offset of the first invalid character, in the text without its byte order mark. */
  readonly offset: number;
}

const MARKS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['UTF-32 (little-endian)', [0xff, 0xfe, 0, 0]],
  ['UTF-32 (big-endian)', [0, 0, 0xfe, 0xff]],
  ['UTF-16 (little-endian)', [0xff, 0xfe]],
  ['UTF-16 (big-endian)', [0xfe, 0xff]],
];
const LINE_FEED = 0x0a;

/** Detects UTF-16 and UTF-32 by a byte order mark, or by letters of two bytes. undefined for other encodings. */
export function detectWideEncoding(bytes: Uint8Array): string | undefined {
  const marked = MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (marked !== undefined) return marked[0];
  const [first, second, third, fourth] = bytes;
  if (first && second === 0 && third && fourth === 0) return 'UTF-16 (little-endian)';
  if (first === 0 && second && third === 0 && fourth) return 'UTF-16 (big-endian)';
  return undefined;
}

/** Yields one fault per line that is not UTF-8; only one fault for UTF-16 and UTF-32. */
export function* findEncodingFaults(bytes: Uint8Array): Generator<EncodingFault> {
  const wide = detectWideEncoding(bytes);
  if (wide !== undefined) {
    yield { message: `file is ${wide}, not UTF-8`, hint: 'save it as UTF-8', offset: 0 };
    return;
  }
  if (decode(bytes, true) !== undefined) return;
  let offset = 0;
  let number = 1;
  for (let at = 0; at <= bytes.length; number += 1) {
    const feed = bytes.indexOf(LINE_FEED, at);
    const line = bytes.subarray(at, feed < 0 ? bytes.length : feed);
    const text = decode(line, false)!;
    const mark = at === 0 && text.startsWith('\ufeff') ? 1 : 0;
    const column =
      text.includes('\ufffd') && decode(line, true) === undefined ? findFirstReplaced(text, line) : undefined;
    if (column !== undefined) yield createLineFault(text, line, { column, number, offset: offset + column - mark });
    offset += text.length - mark + 1;
    at += line.length + 1;
  }
}

/** `fatal`: returns undefined for invalid bytes. Otherwise they become U+FFFD. */
function decode(bytes: Uint8Array, fatal: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Index of the first U+FFFD that comes from invalid bytes. The source itself may contain U+FFFD. */
function findFirstReplaced(text: string, line: Uint8Array): number {
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) {
    const start = new TextEncoder().encode(text.slice(0, at)).length;
    if (line[start] !== 0xef || line[start + 1] !== 0xbf || line[start + 2] !== 0xbd) return at;
  }
  return 0;
}

function createLineFault(
  text: string,
  line: Uint8Array,
  { column, number, offset }: { readonly column: number; readonly number: number; readonly offset: number },
): EncodingFault {
  const byte = line[new TextEncoder().encode(text.slice(0, column)).length] ?? 0;
  const shown = `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  const message = `file is not UTF-8: byte ${shown} in line ${number}`;
  return { message, hint: 'save it as UTF-8; it looks like Latin-1 or Windows-1252', offset };
}
