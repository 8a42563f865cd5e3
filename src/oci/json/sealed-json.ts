import { createHash } from 'node:crypto';

const NAME = ',"sum":"';
const END = '"}';
const TAIL = NAME.length + 64 + END.length;

/**
 * Writes an object as JSON with a checksum: its last member `sum` is the sha256 of the text before that member. It detects disk
 * errors, incomplete writes and edits.
 */
export function sealJson(value: object): string {
  return [...sealJsonInPieces(value)].join('');
}

/** The text of `sealJson` in pieces: the text of a long listing would need a lot of memory several times. */
export function* sealJsonInPieces(value: object): Iterable<string> {
  const hash = createHash('sha256');
  for (const piece of membersInPieces(value)) {
    hash.update(piece);
    yield piece;
  }
  yield `${NAME}${hash.digest('hex')}${END}`;
}

/** Values per piece, and characters per piece of a text. */
const PIECE = 8192;

/** The object as JSON without its last `}`. */
function* membersInPieces(value: object): Iterable<string> {
  let before = '{';
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    yield `${before}${JSON.stringify(key)}:`;
    before = ',';
    if (Array.isArray(member) && member.length > PIECE) yield* arrayInPieces(member);
    else if (typeof member === 'string' && member.length > PIECE) yield* textInPieces(member);
    else yield JSON.stringify(member);
  }
  if (before === '{') yield before;
}

function* arrayInPieces(values: readonly unknown[]): Iterable<string> {
  for (let at = 0; at < values.length; at += PIECE) {
    yield (at === 0 ? '[' : ',') + JSON.stringify(values.slice(at, at + PIECE)).slice(1, -1);
  }
  yield ']';
}

function* textInPieces(text: string): Iterable<string> {
  yield '"';
  for (let at = 0; at < text.length; ) {
    // A surrogate pair is not split, because half of it would be escaped.
    const end = isHighSurrogate(text.charCodeAt(at + PIECE - 1)) ? at + PIECE + 1 : at + PIECE;
    yield JSON.stringify(text.slice(at, end)).slice(1, -1);
    at = end;
  }
  yield '"';
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** The object of a sealed text, without its sum; undefined if the text was changed. */
export function openSealedJson(text: string): unknown {
  const at = text.length - TAIL;
  if (at < 2 || !text.startsWith(NAME, at) || !text.endsWith(END)) return undefined;
  const body = text.slice(0, at);
  if (sumOf(body) !== text.slice(at + NAME.length, -END.length)) return undefined;
  return JSON.parse(`${body}}`);
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
