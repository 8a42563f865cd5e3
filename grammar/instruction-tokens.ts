/** The tokens of an instruction in line order, for the formatter, which needs positions and not rules. */
import type { CstElement, IToken } from 'chevrotain';
import type { InstructionCstNode } from './generated/cst.ts';
import type { HeredocText } from './heredoc.ts';
import type { JsonElement } from './json-array.ts';
import type { LogicalLine } from './logical-line.ts';
import { getPayload } from './token-text.ts';

/** Offsets into the text of the logical line. */
export interface LineToken {
  /** The name of the token type: `Run`, `Flag`, `Word`. */
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  /** Strings of an ExecForm, else empty. Offsets count from the start of the token. */
  readonly elements: readonly JsonElement[];
}

export interface InstructionTokens {
  readonly line: LogicalLine;
  readonly tokens: readonly LineToken[];
  readonly heredocs: readonly HeredocText[];
}

/** Returns undefined for a node without tokens, which error recovery can create. */
export function collectInstructionTokens(node: InstructionCstNode): InstructionTokens | undefined {
  const found: IToken[] = [];
  collectTokens(node, found);
  const [first] = found;
  if (first === undefined) return undefined;
  const tokens = found.filter(({ image }) => image !== '').map(toLineToken);
  return {
    line: getPayload(first).line,
    tokens: tokens.toSorted((a, b) => a.from - b.from),
    heredocs: found.flatMap((token) => getPayload(token).heredoc ?? []),
  };
}

function collectTokens(element: CstElement, into: IToken[]): void {
  if (!('children' in element)) {
    into.push(element);
    return;
  }
  for (const parts of Object.values(element.children)) for (const part of parts) collectTokens(part, into);
}

function toLineToken(token: IToken): LineToken {
  const { at, elements } = getPayload(token);
  const known = elements === undefined || elements === 'not-strings' ? [] : elements;
  return { kind: token.tokenType.name, from: at, to: at + token.image.length, elements: known };
}
