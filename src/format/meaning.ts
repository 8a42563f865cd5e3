import type { BuildFile } from '../instructions/index.ts';

/** What says where something stands, or how it was written. `body` repeats the content of its heredoc. */
const WRITING = new Set(['range', 'source', 'body']);

/** True if two files say the same: everything but places, the case of keywords, and blanks between the words of commands. */
export function meansTheSame(a: BuildFile, b: BuildFile): boolean {
  return meaningOf(a) === meaningOf(b);
}

function meaningOf(file: BuildFile): string {
  const { instructions, directives } = file;
  return JSON.stringify({ instructions, directives, escape: file.escape }, (name, value: unknown) => {
    if (WRITING.has(name)) return undefined;
    if (name === 'keyword') return String(value).toUpperCase();
    if (isShellForm(value)) return { ...value, args: value.args.map(singleBlanks) };
    return isTrigger(value) ? { ...value, text: undefined } : value;
  });
}

function isShellForm(value: unknown): value is { readonly form: 'shell'; readonly args: readonly string[] } {
  return typeof value === 'object' && value !== null && 'form' in value && value.form === 'shell';
}

/** The text of a trigger is compared as the instruction that it is. */
function isTrigger(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'trigger' in value;
}

function singleBlanks(text: string): string {
  return text
    .replace(/&&|\|\||;/g, ' $& ')
    .replace(/[^\S\n]+/g, ' ')
    .trim();
}
