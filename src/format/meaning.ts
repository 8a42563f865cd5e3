import type { BuildFile } from '../instructions/index.ts';

/** Members without meaning: position and original text. `body` repeats the content of its heredoc. */
const WRITING = new Set(['range', 'source', 'body']);

/** True if two files have the same meaning. Ignores positions, the case of keywords, and blanks between the words of commands. */
export function hasSameMeaning(a: BuildFile, b: BuildFile): boolean {
  return serializeMeaning(a) === serializeMeaning(b);
}

function serializeMeaning(file: BuildFile): string {
  const { instructions, directives } = file;
  return JSON.stringify({ instructions, directives, escape: file.escape }, (name, value: unknown) => {
    if (WRITING.has(name)) return undefined;
    if (name === 'keyword') return String(value).toUpperCase();
    if (isShellForm(value)) return { ...value, args: value.args.map(normalizeBlanks) };
    return isTrigger(value) ? { ...value, text: undefined } : value;
  });
}

function isShellForm(value: unknown): value is { readonly form: 'shell'; readonly args: readonly string[] } {
  return typeof value === 'object' && value !== null && 'form' in value && value.form === 'shell';
}

/** The text of a trigger is compared as an instruction. */
function isTrigger(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'trigger' in value;
}

function normalizeBlanks(text: string): string {
  return text
    .replace(/&&|\|\||;/g, ' $& ')
    .replace(/[^\S\n]+/g, ' ')
    .trim();
}
