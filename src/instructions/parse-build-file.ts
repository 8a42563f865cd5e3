/** Parses the text of a build file. */
import {
  type BuildFileCstNode,
  type EscapeCharacter,
  getPayload,
  type InstructionCstNode,
  parseLines,
  parseSyntax,
  readTokenText,
  type SyntaxLines,
  type SyntaxProblem,
} from '#grammar';
import type { Diagnostic } from './diagnostic.ts';
import type { BuildFile, Instruction } from './instruction.ts';
import { readInstruction } from './read-instruction.ts';
import { type Frame, type Reading, reportError } from './reading.ts';
import { detectWideEncoding, findEncodingFaults } from './text/encoding.ts';
import { createRangeOf } from './text/positions.ts';

/** Does not throw for any text. All faults are in `diagnostics`, in text order. */
export function parseBuildFile(text: string | Uint8Array): BuildFile {
  const isWide = typeof text !== 'string' && detectWideEncoding(text) !== undefined;
  // Text in a wrong encoding would only cause wrong diagnostics, so it is not parsed.
  const source = isWide ? '' : decodeSource(text);
  const syntax = parseSyntax(source);
  const { reading, diagnostics } = startReading(source, syntax.escape);
  const directives = syntax.directives.map(({ name, value, span }) => ({ name, value, range: reading.rangeOf(span) }));
  if (syntax.isForeign) reportForeign(reading, directives[0]!);
  else if (!isWide) {
    reportProblems(reading, syntax.problems);
    checkOrder(reading, syntax.cst);
  }
  const found = syntax.isForeign ? { instructions: [], emptyContinuations: [] } : readInstructions(reading, syntax);
  reportEncoding(reading, text, syntax.comments);
  return { ...found, directives, escape: syntax.escape, diagnostics: sortByOffset(diagnostics) };
}

export interface Trigger {
  readonly instructions: readonly Instruction[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a text from `OnBuild` of a base image. Positions are positions in the text. */
export function parseTrigger(text: string, escapeCharacter: EscapeCharacter = '\\'): Trigger {
  const { reading, diagnostics } = startReading(text, escapeCharacter);
  const syntax = parseLines(text, escapeCharacter);
  reportProblems(reading, syntax.problems);
  const { instructions } = readInstructions(reading, syntax);
  const whole = reading.rangeOf({ start: 0, end: text.length });
  if ((syntax.cst.children.instruction ?? []).length !== 1) {
    reportError(reading, { code: 'invalid-trigger', message: `trigger \`${text}\` is not one instruction` }, whole);
  } else if (instructions[0]?.kind === 'from') {
    reportError(reading, { code: 'forbidden-trigger', message: '`FROM` cannot be a trigger of `ONBUILD`' }, whole);
  }
  return { instructions, diagnostics: sortByOffset(diagnostics) };
}

function startReading(
  source: string,
  escapeCharacter: EscapeCharacter,
): { readonly reading: Reading; readonly diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => void diagnostics.push(diagnostic);
  return { reading: { escape: escapeCharacter, rangeOf: createRangeOf(source), report }, diagnostics };
}

/** Decodes the text and removes a byte order mark. */
function decodeSource(text: string | Uint8Array): string {
  const decoded = typeof text === 'string' ? text : new TextDecoder('utf-8', { ignoreBOM: true }).decode(text);
  return decoded.startsWith('\ufeff') ? decoded.slice(1) : decoded;
}

function readInstructions(
  reading: Reading,
  { cst, comments }: Pick<SyntaxLines, 'cst' | 'comments'>,
): Pick<BuildFile, 'instructions' | 'emptyContinuations'> {
  const instructions: Instruction[] = [];
  const emptyContinuations: { instruction: number; range: Diagnostic['range'] }[] = [];
  let nextComment = 0;
  for (const node of cst.children.instruction ?? []) {
    const keyword = findKeyword(node);
    if (keyword === undefined) continue;
    const above: Frame['comments'][number][] = [];
    for (; (comments[nextComment]?.span.start ?? Number.POSITIVE_INFINITY) < keyword.startOffset; nextComment += 1) {
      const { text, span } = comments[nextComment]!;
      if (text === '') above.length = 0;
      else above.push({ text, range: reading.rangeOf(span) });
    }
    const instruction = readInstruction(reading, node, above);
    if (instruction === undefined) continue;
    for (const span of getPayload(keyword).line.emptyLines) {
      emptyContinuations.push({ instruction: instructions.length, range: reading.rangeOf(span) });
    }
    instructions.push(instruction);
  }
  return { instructions, emptyContinuations };
}

function findKeyword({ children }: InstructionCstNode) {
  return Object.values(children)[0]?.[0]?.children.keyword?.[0];
}

/** Checks that there is a FROM, and that only ARG comes before the first one. */
function checkOrder(reading: Reading, cst: BuildFileCstNode): void {
  const nodes = cst.children.instruction ?? [];
  const from = nodes.findIndex(({ children }) => children.from !== undefined);
  const before = from < 0 ? nodes : nodes.slice(0, from);
  const early = before.find(({ children }) => children.arg === undefined && children.unknown === undefined);
  const keyword = early && findKeyword(early);
  if (keyword !== undefined) {
    const text = readTokenText(keyword);
    const message = `\`${text.text.toUpperCase()}\` is not allowed before the first \`FROM\``;
    const range = reading.rangeOf({ start: keyword.startOffset, end: keyword.endOffset! });
    reportError(
      reading,
      { code: 'missing-from', message, hint: 'start with `FROM image`; only `ARG` can be before it' },
      range,
    );
  } else if (from < 0) reportNoStage(reading, nodes.length === 0);
}

function reportNoStage(reading: Reading, isEmpty: boolean): void {
  const fault = isEmpty
    ? { code: 'empty-file', message: 'file has no instructions', hint: 'start with `FROM image`' }
    : { code: 'missing-from', message: 'file has no `FROM`', hint: 'add `FROM image`' };
  reportError(reading, fault, reading.rangeOf({ start: 0, end: 0 }));
}

function reportForeign(reading: Reading, { value, range }: BuildFile['directives'][number]): void {
  const message = `file needs the frontend \`${value}\``;
  reportError(reading, { code: 'foreign-syntax', message, hint: 'only the Dockerfile syntax is supported' }, range);
}

/** Reports text that is not UTF-8, because it would be decoded to wrong characters. Comments are ignored: they have no effect. */
function reportEncoding(reading: Reading, text: string | Uint8Array, comments: SyntaxLines['comments']): void {
  if (typeof text === 'string') return;
  let next = 0;
  for (const { message, hint, offset } of findEncodingFaults(text)) {
    while (next < comments.length && comments[next]!.span.end <= offset) next += 1;
    if ((comments[next]?.span.start ?? Number.POSITIVE_INFINITY) <= offset) continue;
    const range = reading.rangeOf({ start: offset, end: offset + 1 });
    reportError(reading, { code: 'invalid-utf8', message, hint }, range);
    return;
  }
}

function reportProblems(reading: Reading, problems: readonly SyntaxProblem[]): void {
  for (const { span, ...fault } of problems) reportError(reading, fault, reading.rangeOf(span));
}

function sortByOffset(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted((a, b) => a.range.start.offset - b.range.start.offset);
}
