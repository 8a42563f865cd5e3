/** The tokens of an instruction in the order of its line, for those who care where they stand and not which rule took them. */
import type { CstElement, IToken } from 'chevrotain';
import type { InstructionCstNode } from './generated/cst.ts';
import type { HeredocText } from './heredoc.ts';
import type { JsonElement } from './json-array.ts';
import type { LogicalLine } from './logical-line.ts';
import { payloadOf } from './token-text.ts';

/** Offsets are those in the text of the logical line. */
export interface LineToken {
  /** The name of its type: `Run`, `Flag`, `Word`. */
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  /** Only ExecForm: offsets of its strings count from the start of the token. */
  readonly elements: readonly JsonElement[];
}

export interface InstructionTokens {
  readonly line: LogicalLine;
  readonly tokens: readonly LineToken[];
  readonly heredocs: readonly HeredocText[];
}

/** undefined for a node that recovery left without a token. */
export function instructionTokens(node: InstructionCstNode): InstructionTokens | undefined {
  const found: IToken[] = [];
  gather(node, found);
  const [first] = found;
  if (first === undefined) return undefined;
  const tokens = found.filter(({ image }) => image !== '').map(lineToken);
  return {
    line: payloadOf(first).line,
    tokens: tokens.toSorted((a, b) => a.from - b.from),
    heredocs: found.flatMap((token) => payloadOf(token).heredoc ?? []),
  };
}

function gather(element: CstElement, into: IToken[]): void {
  if (!('children' in element)) {
    into.push(element);
    return;
  }
  for (const parts of Object.values(element.children)) for (const part of parts) gather(part, into);
}

function lineToken(token: IToken): LineToken {
  const { at, elements } = payloadOf(token);
  const known = elements === undefined || elements === 'not-strings' ? [] : elements;
  return { kind: token.tokenType.name, from: at, to: at + token.image.length, elements: known };
}
