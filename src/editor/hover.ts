/** A short text about what stands at an offset, in Markdown. */
import { type Span, sourceSpan } from '#grammar';
import { type EditorDocument, isAt, spanOf } from './document.ts';
import { stageNameAt, variableAt } from './navigate.ts';
import { placeAt, wordAround } from './place.ts';
import { entryOf, REFERENCE } from './reference.ts';
import { declarationOf } from './variables.ts';

export interface Hover {
  readonly span: Span;
  readonly text: string;
}

export function hoverAt(document: EditorDocument, offset: number): Hover | undefined {
  return stageHover(document, offset) ?? variableHover(document, offset) ?? wordHover(document, offset);
}

/** What a check is about; undefined for a code that is none. */
export function checkText(code: string): string | undefined {
  const text = entryOf(REFERENCE.checks, code);
  return text === undefined ? undefined : `**${code}** ${text}`;
}

function stageHover(document: EditorDocument, offset: number): Hover | undefined {
  const span = stageNameAt(document, offset);
  return span && { span, text: codeBlock(document.stages[span.stage]!.from.source) };
}

function variableHover(document: EditorDocument, offset: number): Hover | undefined {
  const span = variableAt(document, offset);
  if (span === undefined) return undefined;
  const place = declarationOf(document, span) ?? (span.role === 'definition' ? span : undefined);
  const declared = place && document.file.instructions[place.instruction]?.source;
  const automatic = entryOf(REFERENCE.automaticArgs, span.name);
  const texts = [
    ...(declared === undefined ? [] : [codeBlock(declared)]),
    ...(automatic === undefined ? [] : [automatic]),
  ];
  return texts.length === 0 ? undefined : { span, text: texts.join('\n\n') };
}

function wordHover(document: EditorDocument, offset: number): Hover | undefined {
  const place = placeAt(document, offset);
  if (place.kind === 'comment') return commentHover(document, offset);
  if (place.kind !== 'instruction') return undefined;
  const { line } = place.line;
  const word = wordAround(line.text, place.at, /\S/);
  const before = line.text.slice(0, word.start).trim();
  const found = textOfWord(line.text.slice(word.start, word.end), place.at - word.start, before);
  if (found === undefined) return undefined;
  return { span: sourceSpan(line, word.start + found.start, word.start + found.end), text: found.text };
}

type Found = Span & { readonly text: string };

/** `before`: what stands in the line before the word. Offsets count from the start of the word. */
function textOfWord(word: string, at: number, before: string): Found | undefined {
  const instruction = entryOf(REFERENCE.instructions, word.toUpperCase());
  if (instruction !== undefined && /^(ONBUILD)?$/i.test(before)) {
    return { start: 0, end: word.length, text: `${codeBlock(instruction.form)}\n\n${instruction.text}` };
  }
  const flag = /^--([\w-]+)/.exec(word);
  if (flag === null || !/^(ONBUILD\s+)?\S+(\s+--\S+)*$/i.test(before)) return undefined;
  const keyword = before
    .replace(/^ONBUILD\s+/i, '')
    .replace(/\s.*/s, '')
    .toUpperCase();
  const text = entryOf(entryOf(REFERENCE.instructions, keyword)?.flags ?? {}, flag[1]!);
  if (at <= flag[0].length) return text === undefined ? undefined : { start: 0, end: flag[0].length, text };
  return flag[1] === 'mount' ? textOfMountOption(word, at) : undefined;
}

function textOfMountOption(word: string, at: number): Found | undefined {
  const { start, end } = wordAround(word, at, /[^,]/);
  const from = word.slice(start, end).startsWith('--mount=') ? start + '--mount='.length : start;
  const [key = '', value] = word.slice(from, end).split('=');
  const option = entryOf(REFERENCE.mountOptions, key.toLowerCase());
  if (at < from || option === undefined) return undefined;
  const type = key === 'type' && at > from + key.length ? entryOf(REFERENCE.mountTypes, value ?? '') : undefined;
  return { start: from, end, text: type?.text ?? option };
}

/** Directives, and the names of checks wherever a comment has them. */
function commentHover({ source, file }: EditorDocument, offset: number): Hover | undefined {
  const word = wordAround(source, offset, /\w/);
  const check = checkText(source.slice(word.start, word.end));
  if (check !== undefined) return { span: word, text: check };
  const directive = file.directives.find(({ range }) => isAt(spanOf(range), offset));
  return directive && { span: spanOf(directive.range), text: REFERENCE.directives[directive.name]! };
}

function codeBlock(text: string): string {
  return `\`\`\`dockerfile\n${text}\n\`\`\``;
}
