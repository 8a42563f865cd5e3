/**
 * Measures text in terminal columns. In the bundle, yargs and ora use this module instead of `string-width`. Loading
 * `string-width` takes 40 ms, because it creates a segmenter and Unicode-set patterns, but nearly all text is ASCII.
 */
const ASCII = /^[\x20-\x7e]*$/;
const ESCAPES = /\x1b\[[0-9;?]*[ -/]*[@-~]/g;

/** Returns the columns of one line. Escape sequences take no columns. */
export default function measureWidth(line: string): number {
  if (ASCII.test(line)) return line.length;
  let width = 0;
  for (const { segment } of splitGraphemes(line.replace(ESCAPES, ''))) width += measureGrapheme(segment);
  return width;
}

/** Maximum length of one visible character (UTF-16 units). With it, a very long line is cut before it is measured. */
const MOST_UNITS = 32;

/** Cuts a line to a width and adds an ellipsis if it was longer. The line must not contain escape sequences. */
export function cutToWidth(line: string, width: number): string {
  if (width <= 0) return '';
  if (line.length > width * MOST_UNITS) return cutToWidth(line.slice(0, width * MOST_UNITS), width);
  if (measureWidth(line) <= width) return line;
  let kept = '';
  let taken = 0;
  for (const { segment } of splitGraphemes(line)) {
    const next = measureGrapheme(segment);
    if (taken + next > width - 1) break;
    kept += segment;
    taken += next;
  }
  return `${kept}…`;
}

/** Pads a line with spaces to a width. */
export function padToWidth(line: string, width: number): string {
  return line + ' '.repeat(Math.max(0, width - measureWidth(line)));
}

let segmenter: Intl.Segmenter | undefined;

function splitGraphemes(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

function measureGrapheme(grapheme: string): number {
  const code = grapheme.codePointAt(0)!;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (code < 0x300) return grapheme.includes('\ufe0f') ? 2 : 1;
  if (/^[\p{Mark}\p{Format}\p{Default_Ignorable_Code_Point}]/u.test(grapheme)) return 0;
  return isWide(code) || /\p{Emoji_Presentation}|\ufe0f/u.test(grapheme) ? 2 : 1;
}

/** Blocks of East Asian width W and F (Unicode TR 11), without the gaps of unassigned characters between them. */
const WIDE: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return WIDE.some(([first, last]) => code >= first && code <= last);
}
