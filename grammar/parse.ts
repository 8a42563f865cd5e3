/** Text to concrete syntax tree, with everything that is wrong with its form. */
import { type DirectiveLine, readDirectives } from './directives.ts';
import type { BuildFileCstNode } from './generated/cst.ts';
import { createLanguage, type Language } from './language.ts';
import type { Comment } from './lexer.ts';
import { type EscapeCharacter, LONGEST_LINE, overlongLines } from './logical-line.ts';
import type { Span } from './mapped-text.ts';
import { type SyntaxProblem, syntaxProblemOf, unterminatedHeredoc } from './messages.ts';
import { payloadOf } from './token-text.ts';

export interface SyntaxTree {
  readonly cst: BuildFileCstNode;
  readonly comments: readonly Comment[];
  readonly directives: readonly DirectiveLine[];
  readonly escape: EscapeCharacter;
  readonly problems: readonly SyntaxProblem[];
  /** `//syntax=` or JSON: written for another frontend. */
  readonly isForeign: boolean;
}

/** Offsets are those of `source`, which must have no byte order mark. Never throws for what the text says. */
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

/** Reads instructions without looking for directives. */
export function parseLines(source: string, escapeCharacter: EscapeCharacter): SyntaxLines {
  const { tokenize, parser } = parsingLanguage();
  const { tokens, comments } = tokenize(source, escapeCharacter);
  parser.input = [...tokens];
  const cst = parser.buildFile() as BuildFileCstNode;
  const unended = tokens.map((token) => unterminatedHeredoc(payloadOf(token))).find((found) => found !== undefined);
  const problems = [...overlongLines(source).map(tooLong), ...parser.errors.map(syntaxProblemOf)];
  parser.input = [];
  return { cst, comments, problems: unended === undefined ? problems : [...problems, unended] };
}

let built: Language | undefined;

/** Built when first needed, since it takes longer than to read most build files. */
export function parsingLanguage(): Language {
  built ??= createLanguage();
  return built;
}

function tooLong(span: Span): SyntaxProblem {
  return {
    code: 'line-too-long',
    message: `line is longer than ${LONGEST_LINE} bytes`,
    hint: 'continue it on another line',
    span,
  };
}
