/** A build file as a list of blocks: comments, empty lines, instructions. */
import { type InstructionTokens, instructionTokens, physicalLineAt, type SyntaxTree, sourceSpan } from '#grammar';
import { formatInstruction } from './format-instruction.ts';
import type { Style } from './style.ts';

export interface Block {
  readonly kind: 'instruction' | 'from' | 'comment' | 'empty';
  /** Without the line end after it. */
  readonly text: string;
}

/** In the order of the file, each as it should be written. */
export function blocksOf(tree: SyntaxTree, style: Style): readonly Block[] {
  const blocks: Block[] = [];
  let at = 0;
  for (const node of tree.cst.children.instruction ?? []) {
    const instruction = instructionTokens(node)!;
    const start = sourceSpan(instruction.line, instruction.tokens[0]!.from).start;
    for (const line of linesBetween(at, start, style)) blocks.push(line);
    const kind = node.children.from === undefined ? 'instruction' : 'from';
    blocks.push({ kind, text: formatInstruction(instruction, style) });
    at = physicalLineAt(style.source, endOf(instruction)).next;
  }
  return [...blocks, ...linesBetween(at, style.source.length, style)];
}

function endOf({ line, heredocs }: InstructionTokens): number {
  return heredocs.at(-1)?.span.end ?? line.end;
}

/** The lines before the one that holds `end`. */
function linesBetween(start: number, end: number, { source }: Style): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = start; at < end; ) {
    const line = physicalLineAt(source, at);
    if (line.next > end) break;
    const text = source.slice(line.start, line.end).trim();
    blocks.push({ kind: text === '' ? 'empty' : 'comment', text });
    at = line.next;
  }
  return blocks;
}
