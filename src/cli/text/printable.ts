/** ECMA-48 escape sequences: control strings with terminator (e.g. window titles), CSI sequences, others. None spans lines. */
const ESCAPES = /\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
/** Control characters, line and paragraph separators, and characters that change the text direction. */
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const CONTROLS_IN_LINES = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes one line of untrusted text (output of a step, a label, a file name) safe to print. Removes escape sequences, control
 * characters and text that a carriage return overwrites. Replaces tabs with spaces.
 */
export function toPrintable(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return removeOverwritten(text).replace(ESCAPES, '').replaceAll('\t', '    ').replace(CONTROLS, '');
}

/** Does the same for several lines. */
export function toPrintableLines(text: string): string {
  if (/^[\x20-\x7e\n]*$/.test(text)) return text;
  const lines = text.includes('\r') ? text.split('\n').map(removeOverwritten).join('\n') : text;
  return lines.replace(ESCAPES, '').replaceAll('\t', '    ').replace(CONTROLS_IN_LINES, '');
}

/** Returns the part after the last carriage return. Carriage returns at the end of the line overwrite nothing. */
function removeOverwritten(line: string): string {
  const end = findEndOfText(line);
  return end === 0 ? '' : line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/** Finds the offset at which the trailing carriage returns begin. */
export function findEndOfText(text: string): number {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\r') end -= 1;
  return end;
}

/** Maximum length of a printed line (UTF-16 units). The log of a step has the complete line. */
export const LONGEST_LINE = 65_536;

/** Makes a line safe to print and cuts it to `LONGEST_LINE`. */
export function cutLine(line: string): string {
  return formatLongLine(line.slice(0, LONGEST_LINE), line.length - LONGEST_LINE);
}

/** Formats the beginning of a line. `dropped`: number of characters that are cut off. */
export function formatLongLine(line: string, dropped: number): string {
  return dropped > 0 ? `${toPrintable(line)} … (${dropped} more characters)` : toPrintable(line);
}
