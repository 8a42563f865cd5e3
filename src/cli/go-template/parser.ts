import { type Piece, splitTemplate, type Token } from './lexer.ts';
import { createTemplateError } from './template-error.ts';

/** An expression for a value: its members are looked up one after another. */
export type Operand = {
  readonly base:
    | { readonly kind: 'dot' }
    | { readonly kind: 'value'; readonly value: unknown }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'function'; readonly name: string }
    | { readonly kind: 'pipeline'; readonly pipeline: Pipeline };
  readonly members: readonly string[];
};

/** Commands, each of which gets the result of the one before as its last argument. */
export interface Pipeline {
  /** Variables that the result is kept in: for `range` up to two, else one. */
  readonly variables: readonly string[];
  readonly isNew: boolean;
  readonly commands: readonly (readonly Operand[])[];
}

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipeline: Pipeline }
  | {
      readonly kind: BlockKind;
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

type BlockKind = 'if' | 'range' | 'with';

/** Parses a template of Go (text/template): text, pipelines, variables, `if`, `range`, `with`. Throws `usage`. */
export function parseTemplate(template: string): readonly TemplateNode[] {
  const reader = new PieceReader(splitTemplate(template));
  const { nodes, end } = readNodes(reader);
  if (end !== undefined) throw createTemplateError(`unexpected {{${end.word}}}`);
  return nodes;
}

class PieceReader {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  next(): Piece | undefined {
    return this.#pieces[this.#at++];
  }
}

interface Ending {
  readonly word: 'end' | 'else';
  readonly rest: readonly Token[];
}

/** Reads up to `end` or `else` of the block around. */
function readNodes(reader: PieceReader): { readonly nodes: readonly TemplateNode[]; readonly end: Ending | undefined } {
  const nodes: TemplateNode[] = [];
  for (let piece = reader.next(); piece !== undefined; piece = reader.next()) {
    if (typeof piece === 'string') {
      if (piece !== '') nodes.push({ kind: 'text', text: piece });
      continue;
    }
    const [first, ...rest] = piece;
    const word = first?.kind === 'word' ? first.text : '';
    if (word === 'end' || word === 'else') return { nodes, end: { word, rest } };
    if (word === 'if' || word === 'range' || word === 'with') nodes.push(readBlock(word, rest, reader));
    else nodes.push({ kind: 'output', pipeline: parsePipeline(piece) });
  }
  return { nodes, end: undefined };
}

function readBlock(kind: BlockKind, head: readonly Token[], reader: PieceReader): TemplateNode {
  const pipeline = parsePipeline(head);
  const { nodes: body, end } = readNodes(reader);
  if (end?.word !== 'else') return { kind, pipeline, body: requireEnd(body, end), otherwise: [] };
  const [first, ...rest] = end.rest;
  if (first === undefined) {
    const { nodes, end: last } = readNodes(reader);
    return { kind, pipeline, body, otherwise: requireEnd(nodes, last) };
  }
  if (first.kind !== 'word' || (first.text !== 'if' && first.text !== 'with'))
    throw createTemplateError('unexpected words after {{else');
  return { kind, pipeline, body, otherwise: [readBlock(first.text, rest, reader)] };
}

function requireEnd(nodes: readonly TemplateNode[], end: Ending | undefined): readonly TemplateNode[] {
  if (end?.word !== 'end') throw createTemplateError('unexpected EOF: {{end}} is missing');
  return nodes;
}

function parsePipeline(tokens: readonly Token[]): Pipeline {
  const isMark = (token: Token | undefined, text: string) => token?.kind === 'mark' && token.text === text;
  const sign = tokens.findIndex((token) => isMark(token, ':=') || isMark(token, '='));
  const names = tokens.slice(0, Math.max(0, sign)).filter((token) => !isMark(token, ','));
  const variables = names.map((token) => {
    if (token.kind !== 'variable') throw createTemplateError('only a variable can be assigned to');
    return token.text;
  });
  const commands = splitCommands(tokens.slice(sign + 1)).map(parseCommand);
  return { variables, isNew: isMark(tokens[sign], ':='), commands };
}

/** At each `|` that stands in no parentheses. */
function splitCommands(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const commands: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const mark = token.kind === 'mark' ? token.text : '';
    depth += mark === '(' ? 1 : mark === ')' ? -1 : 0;
    if (depth < 0) throw createTemplateError('unexpected `)`');
    if (mark === '|' && depth === 0) commands.push([]);
    else commands.at(-1)!.push(token);
  }
  if (depth > 0) throw createTemplateError('unclosed left paren');
  if (commands.some((command) => command.length === 0)) throw createTemplateError('missing value for command');
  return commands;
}

function parseCommand(tokens: readonly Token[]): readonly Operand[] {
  const operands: Operand[] = [];
  for (let at = 0; at < tokens.length; ) {
    const { base, next } = readBase(tokens, at);
    at = next;
    const members = [...base.members];
    for (let token = tokens[at]; token?.kind === 'field' && token.isGlued; token = tokens[++at])
      members.push(token.text);
    operands.push({ base: base.base, members });
  }
  return operands;
}

function readBase(tokens: readonly Token[], at: number): { readonly base: Operand; readonly next: number } {
  const token = tokens[at]!;
  const found = (base: Operand['base'], members: readonly string[] = []) => ({ base: { base, members }, next: at + 1 });
  if (token.kind === 'dot') return found({ kind: 'dot' });
  if (token.kind === 'value') return found({ kind: 'value', value: token.value });
  if (token.kind === 'field') return found({ kind: 'dot' }, [token.text]);
  if (token.kind === 'variable') return found({ kind: 'variable', name: token.text });
  if (token.kind === 'word') return found({ kind: 'function', name: token.text });
  if (token.text !== '(') throw createTemplateError(`unexpected \`${token.text}\``);
  const end = findClose(tokens, at);
  const pipeline = parsePipeline(tokens.slice(at + 1, end));
  return { base: { base: { kind: 'pipeline', pipeline }, members: [] }, next: end + 1 };
}

function findClose(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at]!;
    const mark = token.kind === 'mark' ? token.text : '';
    depth += mark === '(' ? 1 : mark === ')' ? -1 : 0;
    if (depth === 0) return at;
  }
  throw createTemplateError('unclosed left paren');
}
