/** Here-documents: finds their marks in a line, and their bodies. */
import { isSpace } from './characters.ts';
import { type LogicalLine, readPhysicalLine } from './logical-line.ts';
import { type MappedText, type Piece, type Span, slicePart } from './mapped-text.ts';
import { findVariableEnd, scanWord, type WordPart } from './words/word.ts';

/** A parsed mark, e.g. `3<<-"EOF"`. */
export interface HeredocMark {
  readonly name: string;
  readonly expand: boolean;
  readonly chomp: boolean;
  readonly fileDescriptor: number;
}

export interface HeredocText extends HeredocMark {
  /** The word that starts the heredoc. */
  readonly mark: MappedText;
  /** The body as written, including leading tabs. */
  readonly raw: string;
  /** The body, without leading tabs if `chomp`. */
  readonly body: MappedText;
  /** From the end of the line before the body to the end of the delimiter line. */
  readonly span: Span;
  readonly terminated: boolean;
}

const MARK = /^(\d*)<<(-?)([^<]*)$/;
/** Heredocs are shell syntax: the `escape` directive has no effect on them. */
const SHELL = { escape: '\\' } as const;

/** Parses the mark of a heredoc. Returns undefined for other words. */
export function parseHeredocMark(word: string): HeredocMark | undefined {
  const match = MARK.exec(word);
  const rest = match?.[3]?.replace(/^[\t\n\f\r ]+/, '') ?? '';
  if (match === null || rest === '') return undefined;
  const scan = scanWord(rest, SHELL);
  const words = scan.problem === undefined ? splitParts(scan.parts) : [];
  if (words.length !== 1) return undefined;
  const fileDescriptor = Math.min(Number(match[1]), Number.MAX_SAFE_INTEGER);
  return { name: words[0]!, expand: !scan.hasQuotes, chomp: match[2] === '-', fileDescriptor };
}

/** Reads the heredocs of a line. Their bodies follow the line in the same order. */
export function readHeredocs(source: string, line: LogicalLine): readonly HeredocText[] {
  if (!line.text.includes('<<')) return [];
  const heredocs: HeredocText[] = [];
  let end = line.end;
  for (const { from, to } of splitShellWords(line.text)) {
    const mark = parseHeredocMark(line.text.slice(from, to));
    if (mark === undefined) continue;
    const heredoc = { ...mark, mark: slicePart(line, from, to), ...readBody(source, end, mark) };
    heredocs.push(heredoc);
    end = heredoc.span.end;
  }
  return heredocs;
}

/** Reads the lines after the one that ends at `end`, up to the delimiter or the end of the file. */
function readBody(
  source: string,
  end: number,
  mark: HeredocMark,
): Pick<HeredocText, 'raw' | 'body' | 'span' | 'terminated'> {
  const start = readPhysicalLine(source, end).next;
  const pieces: Piece[] = [];
  let text = '';
  let at = start;
  while (at < source.length) {
    const line = readPhysicalLine(source, at);
    const from = mark.chomp ? skipTabs(source, line.start) : line.start;
    if (source.slice(from, line.end) === mark.name) {
      const body = { text, pieces, sourceEnd: at };
      return { raw: source.slice(start, at), body, span: { start: end, end: line.end }, terminated: true };
    }
    if (line.next > from) pieces.push({ at: text.length, from });
    text += source.slice(from, line.next);
    at = line.next;
  }
  const span = { start: end, end: source.length };
  return { raw: source.slice(start), body: { text, pieces, sourceEnd: source.length }, span, terminated: false };
}

function skipTabs(source: string, from: number): number {
  let at = from;
  while (source[at] === '\t') at += 1;
  return at;
}

/** Splits a line into words like a shell, with quotes. Returns no words if a quote or substitution is not closed. */
function splitShellWords(text: string): readonly { readonly from: number; readonly to: number }[] {
  const words: { from: number; to: number }[] = [];
  let wordStart: number | undefined;
  for (let at = 0; at < text.length; ) {
    if (isSpace(text, at)) {
      if (wordStart !== undefined) words.push({ from: wordStart, to: at });
      wordStart = undefined;
      at += 1;
      continue;
    }
    wordStart ??= at;
    const end = findPieceEnd(text, at);
    if (end === undefined) return [];
    at = Math.min(end, text.length);
  }
  if (wordStart !== undefined) words.push({ from: wordStart, to: text.length });
  return words;
}

/** The end of the piece at `at`: quoted text, variable, escape, `<<` with the blanks after it, or a single character. */
function findPieceEnd(text: string, at: number): number | undefined {
  const character = text[at];
  if (character === "'") {
    const end = text.indexOf("'", at + 1);
    return end < 0 ? undefined : end + 1;
  }
  if (character === '"') return findDoubleQuotesEnd(text, at);
  if (character === '$') return findVariableEnd(text, at, SHELL);
  if (character === '\\') return at + 2;
  if (character === '<' && text[at + 1] === '<') return skipMarkBlanks(text, at + 2);
  return at + 1;
}

function findDoubleQuotesEnd(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; ) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '$') {
      const end = findVariableEnd(text, at, SHELL);
      if (end === undefined) return undefined;
      at = end;
    } else at += text[at] === '\\' && '"$\\'.includes(text.charAt(at + 1)) ? 2 : 1;
  }
  return undefined;
}

function skipMarkBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at += 1;
  return at;
}

/** Splits at unquoted space. Variables are not expanded. */
function splitParts(parts: readonly WordPart[]): readonly string[] {
  const words = [''];
  for (const part of parts) {
    const text = part.kind === 'text' ? part.text : part.raw;
    if (part.kind === 'text' && part.quoted) {
      words[words.length - 1] += text;
      continue;
    }
    for (const [index, piece] of text.split(/[\s\u0085]+/).entries()) {
      if (index > 0) words.push('');
      words[words.length - 1] += piece;
    }
  }
  return words.filter((word) => word !== '');
}
