/** Hover texts in Markdown. */
import { findSourceSpan, type Span } from '#grammar';
import { type EditorDocument, isAt, toSpan } from './document.ts';
import { findStageName, findVariable } from './navigate.ts';
import { findPlace, findWordAround } from './place.ts';
import { findEntry, REFERENCE } from './reference.ts';
import { findDeclaration } from './variables.ts';

export interface Hover {
  readonly span: Span;
  readonly text: string;
}

export function findHover(document: EditorDocument, offset: number): Hover | undefined {
  return findStageHover(document, offset) ?? findVariableHover(document, offset) ?? findWordHover(document, offset);
}

/** The description of a check; undefined for an unknown code. */
export function describeCheck(code: string): string | undefined {
  const text = findEntry(REFERENCE.checks, code);
  return text === undefined ? undefined : `**${code}** ${text}`;
}

function findStageHover(document: EditorDocument, offset: number): Hover | undefined {
  const span = findStageName(document, offset);
  return span && { span, text: formatCodeBlock(document.stages[span.stage]!.from.source) };
}

function findVariableHover(document: EditorDocument, offset: number): Hover | undefined {
  const span = findVariable(document, offset);
  if (span === undefined) return undefined;
  const place = findDeclaration(document, span) ?? (span.role === 'definition' ? span : undefined);
  const declared = place && document.file.instructions[place.instruction]?.source;
  const automatic = findEntry(REFERENCE.automaticArgs, span.name);
  const texts = [
    ...(declared === undefined ? [] : [formatCodeBlock(declared)]),
    ...(automatic === undefined ? [] : [automatic]),
  ];
  return texts.length === 0 ? undefined : { span, text: texts.join('\n\n') };
}

function findWordHover(document: EditorDocument, offset: number): Hover | undefined {
  const place = findPlace(document, offset);
  if (place.kind === 'comment') return findCommentHover(document, offset);
  if (place.kind !== 'instruction') return undefined;
  const { line } = place.line;
  const word = findWordAround(line.text, place.at, /\S/);
  const before = line.text.slice(0, word.start).trim();
  const found = describeWord(line.text.slice(word.start, word.end), place.at - word.start, before);
  if (found === undefined) return undefined;
  return { span: findSourceSpan(line, word.start + found.start, word.start + found.end), text: found.text };
}

type WordHover = Span & { readonly text: string };

/** `before`: the text of the line before the word. Offsets count from the start of the word. */
function describeWord(word: string, at: number, before: string): WordHover | undefined {
  const instruction = findEntry(REFERENCE.instructions, word.toUpperCase());
  if (instruction !== undefined && /^(ONBUILD)?$/i.test(before)) {
    return { start: 0, end: word.length, text: `${formatCodeBlock(instruction.form)}\n\n${instruction.text}` };
  }
  const flag = /^--([\w-]+)/.exec(word);
  if (flag === null || !/^(ONBUILD\s+)?\S+(\s+--\S+)*$/i.test(before)) return undefined;
  const keyword = before
    .replace(/^ONBUILD\s+/i, '')
    .replace(/\s.*/s, '')
    .toUpperCase();
  const text = findEntry(findEntry(REFERENCE.instructions, keyword)?.flags ?? {}, flag[1]!);
  if (at <= flag[0].length) return text === undefined ? undefined : { start: 0, end: flag[0].length, text };
  return flag[1] === 'mount' ? describeMountOption(word, at) : undefined;
}

function describeMountOption(word: string, at: number): WordHover | undefined {
  const { start, end } = findWordAround(word, at, /[^,]/);
  const from = word.slice(start, end).startsWith('--mount=') ? start + '--mount='.length : start;
  const [key = '', value] = word.slice(from, end).split('=');
  const option = findEntry(REFERENCE.mountOptions, key.toLowerCase());
  if (at < from || option === undefined) return undefined;
  const type = key === 'type' && at > from + key.length ? findEntry(REFERENCE.mountTypes, value ?? '') : undefined;
  return { start: from, end, text: type?.text ?? option };
}

/** Hovers for directives, and for names of checks in any comment. */
function findCommentHover({ source, file }: EditorDocument, offset: number): Hover | undefined {
  const word = findWordAround(source, offset, /\w/);
  const check = describeCheck(source.slice(word.start, word.end));
  if (check !== undefined) return { span: word, text: check };
  const directive = file.directives.find(({ range }) => isAt(toSpan(range), offset));
  return directive && { span: toSpan(directive.range), text: REFERENCE.directives[directive.name]! };
}

function formatCodeBlock(text: string): string {
  return `\`\`\`dockerfile\n${text}\n\`\`\``;
}
