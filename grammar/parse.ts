/** Parses text into a concrete syntax tree and a list of syntax errors. */
import { type DirectiveLine, readDirectives } from './directives.ts';
import type { BuildFileCstNode } from './generated/cst.ts';
import { createLanguage, type Language } from './language.ts';
import type { Comment } from './lexer.ts';
import { type EscapeCharacter, findLongLines, LONGEST_LINE } from './logical-line.ts';
import type { Span } from './mapped-text.ts';
import { checkHeredocEnd, type SyntaxProblem, toSyntaxProblem } from './messages.ts';
import { getPayload } from './token-text.ts';

export interface SyntaxTree {
  readonly cst: BuildFileCstNode;
  readonly comments: readonly Comment[];
  readonly directives: readonly DirectiveLine[];
  readonly escape: EscapeCharacter;
  readonly problems: readonly SyntaxProblem[];
  /** True for `//syntax=` or JSON: the file is for another frontend. */
  readonly isForeign: boolean;
}

/** Offsets are offsets in `source`, which must have no byte order mark. Does not throw for any text. */
export function parseSyntax(source: string): SyntaxTree {
  const { lines: directives, problems, ...head } = readDirectives(source);
  const { cst, comments, problems: found } = parseLines(source, head.escape);
  const own = comments.filter(({ span }) => !directives.some((directive) => directive.span.start === span.start));
  return { ...head, cst, comments: own, directives, problems: [...problems, ...found] };
}

export interface SyntaxLines {
  readonly cst: BuildFileCstNode;
  readonly comments: readonly Comment[];
  readonly problems: readonly SyntaxProblem[];
}

/** Parses instructions without directives. */
export function parseLines(source: string, escapeCharacter: EscapeCharacter): SyntaxLines {
  const { tokenize, parser } = getLanguage();
  const { tokens, comments } = tokenize(source, escapeCharacter);
  parser.input = [...tokens];
  const cst = parser.buildFile() as BuildFileCstNode;
  const unended = tokens.map((token) => checkHeredocEnd(getPayload(token))).find((found) => found !== undefined);
  const problems = [...findLongLines(source).map(createLongLineProblem), ...parser.errors.map(toSyntaxProblem)];
  parser.input = [];
  return { cst, comments, problems: unended === undefined ? problems : [...problems, unended] };
}

let language: Language | undefined;

/** Created on first use, because that takes longer than parsing most build files. */
export function getLanguage(): Language {
  language ??= createLanguage();
  return language;
}

function createLongLineProblem(span: Span): SyntaxProblem {
  return {
    code: 'line-too-long',
    message: `line is longer than ${LONGEST_LINE} bytes`,
    hint: 'split it into several lines',
    span,
  };
}
