/** The language of build files: text to concrete syntax tree. It knows no meaning and no disk. */
export type { DirectiveLine } from './directives.ts';
export type * from './generated/cst.ts';
export { type HeredocMark, type HeredocText, heredocMark } from './heredoc.ts';
export { type InstructionLine, instructionLines, textOffset } from './instruction-lines.ts';
export { type InstructionTokens, instructionTokens, type LineToken } from './instruction-tokens.ts';
export type { JsonElement } from './json-array.ts';
export type { Comment } from './lexer.ts';
export { isContinued, type LinePart, lineLayout } from './line-layout.ts';
export { type EscapeCharacter, type LogicalLine, physicalLineAt, readLogicalLine } from './logical-line.ts';
export { joinParts, type MappedText, mappedSlice, type Span, slicePart, sourceSpan } from './mapped-text.ts';
export type { SyntaxProblem } from './messages.ts';
export { parseLines, parseSyntax, type SyntaxLines, type SyntaxTree } from './parse.ts';
export { instructionText, payloadOf, type TokenPayload, textOf } from './token-text.ts';
export { KEYWORDS, type Keyword } from './tokens.ts';
export {
  type ExpansionOperator,
  scanWord,
  type WordPart,
  type WordProblem,
  type WordScan,
  type WordSyntax,
} from './word.ts';
