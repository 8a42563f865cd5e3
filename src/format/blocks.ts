/** Splits a build file into blocks: comments, empty lines, instructions. */
import {
  collectInstructionTokens,
  findSourceSpan,
  type InstructionTokens,
  readPhysicalLine,
  type SyntaxTree,
} from '#grammar';
import { formatInstruction } from './format-instruction.ts';
import type { Style } from './style.ts';

export interface Block {
  readonly kind: 'instruction' | 'from' | 'comment' | 'empty';
  /** Without its line end. */
  readonly text: string;
}

/** Returns formatted blocks in file order. */
export function splitBlocks(tree: SyntaxTree, style: Style): readonly Block[] {
  const blocks: Block[] = [];
  let at = 0;
  for (const node of tree.cst.children.instruction ?? []) {
    const instruction = collectInstructionTokens(node)!;
    const start = findSourceSpan(instruction.line, instruction.tokens[0]!.from).start;
    for (const line of readLinesBetween(at, start, style)) blocks.push(line);
    const kind = node.children.from === undefined ? 'instruction' : 'from';
    blocks.push({ kind, text: formatInstruction(instruction, style) });
    at = readPhysicalLine(style.source, findEnd(instruction)).next;
  }
  return [...blocks, ...readLinesBetween(at, style.source.length, style)];
}

function findEnd({ line, heredocs }: InstructionTokens): number {
  return heredocs.at(-1)?.span.end ?? line.end;
}

/** The lines from `start` to the line before the one with `end`. */
function readLinesBetween(start: number, end: number, { source }: Style): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = start; at < end; ) {
    const line = readPhysicalLine(source, at);
    if (line.next > end) break;
    const text = source.slice(line.start, line.end).trim();
    blocks.push({ kind: text === '' ? 'empty' : 'comment', text });
    at = line.next;
  }
  return blocks;
}
