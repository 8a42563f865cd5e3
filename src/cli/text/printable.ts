/** ECMA-48: strings with their terminator (window titles and the like), CSI sequences, other escapes. None goes past its line. */
const ESCAPES = /\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
/** Control characters, line and paragraph separators, and what turns the direction of text round. */
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const CONTROLS_IN_LINES = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text of unknown origin (output of a step, a label, a file name) as one harmless line: escape sequences and control
 * characters removed, tabs as spaces. What a carriage return would have overwritten is gone, as on a terminal.
 */
export function printable(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return withoutOverwritten(text).replace(ESCAPES, '').replaceAll('\t', '    ').replace(CONTROLS, '');
}

/** The same for many lines at once, each ended by a line feed or the end of the text. */
export function printableLines(text: string): string {
  if (/^[\x20-\x7e\n]*$/.test(text)) return text;
  const lines = text.includes('\r') ? text.split('\n').map(withoutOverwritten).join('\n') : text;
  return lines.replace(ESCAPES, '').replaceAll('\t', '    ').replace(CONTROLS_IN_LINES, '');
}

/** What is left of a line: the part after its last carriage return. Those at its end overwrite nothing. */
function withoutOverwritten(line: string): string {
  const end = endOfText(line);
  return end === 0 ? '' : line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/** Where the carriage returns begin with which a text ends. */
export function endOfText(text: string): number {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\r') end -= 1;
  return end;
}

/** What is shown of one line (UTF-16 units). Of the output of a step the rest is in its log. */
export const LONGEST_LINE = 65_536;

/** One line as it is shown: printable, and cut if it is very long. */
export function cutLine(line: string): string {
  return shownLine(line.slice(0, LONGEST_LINE), line.length - LONGEST_LINE);
}

/** The beginning of a line of which so much more is not shown. */
export function shownLine(line: string, dropped: number): string {
  return dropped > 0 ? `${printable(line)} … (${dropped} more characters)` : printable(line);
}
