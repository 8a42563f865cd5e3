/** The syntax of build files: parses text into a concrete syntax tree. No semantics, no disk. */
export type { DirectiveLine } from './directives.ts';
export type * from './generated/cst.ts';
export { type HeredocMark, type HeredocText, parseHeredocMark } from './heredoc.ts';
export { findTextOffset, type InstructionLine, readInstructionLines } from './instruction-lines.ts';
export { collectInstructionTokens, type InstructionTokens, type LineToken } from './instruction-tokens.ts';
export type { JsonElement } from './json-array.ts';
export { KEYWORDS, type Keyword } from './keywords.ts';
export type { Comment } from './lexer.ts';
export { isContinued, type LinePart, readLineLayout } from './line-layout.ts';
export { type EscapeCharacter, type LogicalLine, readLogicalLine, readPhysicalLine } from './logical-line.ts';
export { findSourceSpan, joinParts, type MappedText, type Span, slicePart, sliceSource } from './mapped-text.ts';
export type { SyntaxProblem } from './messages.ts';
export { parseLines, parseSyntax, type SyntaxLines, type SyntaxTree } from './parse.ts';
export { getPayload, readInstructionText, readTokenText, type TokenPayload } from './token-text.ts';
export { type ExpansionOperator, scanWord, type WordPart, type WordScan } from './words/word.ts';
export type { WordProblem, WordSyntax } from './words/word-cursor.ts';
