import { createHash } from 'node:crypto';

const NAME = ',"sum":"';
const END = '"}';
const TAIL = NAME.length + 64 + END.length;

/**
 * An object as JSON that proves itself: its last member `sum` is the sha256 of all text before that member. What a disk
 * changed, a kill cut short or somebody edited is told from what was written.
 */
export function sealJson(value: object): string {
  const text = JSON.stringify(value).slice(0, -1);
  return `${text}${NAME}${sumOf(text)}${END}`;
}

/** The object in a sealed text, without its sum; undefined if the text is not what was written. */
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
