/** ECMA-48: strings with their terminator (window titles and the like), CSI sequences, other escapes. */
const ESCAPES = /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
/** Control characters, line and paragraph separators, and what turns the direction of text round. */
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text of unknown origin (output of a step, a label, a file name) as one harmless line: escape sequences and control
 * characters removed, tabs as spaces. What a carriage return would have overwritten is gone, as on a terminal.
 */
export function printable(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const shown = text.replace(/\r+$/, '');
  const line = shown.slice(shown.lastIndexOf('\r') + 1);
  return line.replace(ESCAPES, '').replaceAll('\t', '    ').replace(CONTROLS, '');
}
