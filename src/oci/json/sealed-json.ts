import { createHash } from 'node:crypto';

const NAME = ',"sum":"';
const END = '"}';
const TAIL = NAME.length + 64 + END.length;

/**
 * Writes an object as JSON with a checksum: its last member `sum` is the sha256 of the text before that member. It detects disk
 * errors, incomplete writes and edits.
 */
export function sealJson(value: object): string {
  const text = JSON.stringify(value).slice(0, -1);
  return `${text}${NAME}${sumOf(text)}${END}`;
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
