/** Character classes of Go's `unicode` package, because BuildKit's parser decides where a word ends. */

const WIDE_SPACE = /[\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const NAME_CHARACTER = /[\p{L}\p{Nd}_]/u;
const DIGIT = /\p{Nd}/u;

/** Go's `unicode.IsSpace`: it trims lines and ends the words of ENV, LABEL and ARG. */
export function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code >= 0x80 && WIDE_SPACE.test(text.charAt(at));
}

/** True for characters that separate keyword, arguments, paths, ports and images. */
export function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x20 || code === 0x09 || (code >= 0x0b && code <= 0x0d);
}

export function skipSpace(text: string, from: number, to = text.length): number {
  let at = from;
  while (at < to && isSpace(text, at)) at += 1;
  return at;
}

export function skipToBlank(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && !isBlank(text, at)) at += 1;
  return at;
}

/** The end of the text without trailing space, but not before `from`. */
export function findTrimmedEnd(text: string, from: number, to = text.length): number {
  let at = to;
  while (at > from && isSpace(text, at - 1)) at -= 1;
  return at;
}

/** Returns the whole character (one or two UTF-16 units) at an offset; '' at the end. */
export function readCharacter(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

export function isNameCharacter(character: string): boolean {
  return NAME_CHARACTER.test(character);
}

export function isDigit(character: string): boolean {
  return DIGIT.test(character);
}
