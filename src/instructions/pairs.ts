/** ENV and LABEL, and the declarations of ARG. */
import {
  type ArgCstChildren,
  type DeclarationCstNode,
  type EnvCstChildren,
  type LabelCstChildren,
  type MappedText,
  type PairCstNode,
  readTokenText,
} from '#grammar';
import { readNoFlags } from './flags.ts';
import type { Arg, ArgDeclaration, Env, KeyValue, Label, Word } from './instruction.ts';
import { type Frame, findTextRange, type Reading, readWord, reportError } from './reading.ts';

export function readEnv(reading: Reading, node: EnvCstChildren, frame: Frame): Env | undefined {
  const pairs = readPairs(reading, node, 'ENV');
  return pairs && { kind: 'env', ...frame, pairs };
}

export function readLabel(reading: Reading, node: LabelCstChildren, frame: Frame): Label | undefined {
  const pairs = readPairs(reading, node, 'LABEL');
  return pairs && { kind: 'label', ...frame, pairs };
}

export function readArg(reading: Reading, node: ArgCstChildren, frame: Frame): Arg | undefined {
  readNoFlags(reading, node.flags[0]);
  const args = node.declaration.map((declaration) => readDeclaration(reading, declaration));
  return args.every((arg) => arg !== undefined) ? { kind: 'arg', ...frame, args } : undefined;
}

/** Returns undefined if a name is missing, because the instruction has no meaning then. */
function readPairs(
  reading: Reading,
  node: EnvCstChildren | LabelCstChildren,
  keyword: string,
): readonly KeyValue[] | undefined {
  readNoFlags(reading, node.flags[0]);
  const [key, value] = [node.LegacyKey?.[0], node.LegacyValue?.[0]];
  if (key !== undefined && value !== undefined) {
    return [
      { key: readWord(reading, readTokenText(key)), value: readWord(reading, readTokenText(value)), legacy: true },
    ];
  }
  const pairs = (node.pair ?? []).map((pair) => readPair(reading, pair, keyword));
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}

function readPair(reading: Reading, { children }: PairCstNode, keyword: string): KeyValue | undefined {
  const [bare, key, equals] = [children.BareEquals?.[0], children.Key?.[0], children.Equals?.[0]];
  if (bare !== undefined) return reportBlankName(reading, readTokenText(bare), keyword);
  if (key === undefined || equals === undefined) return undefined;
  const value = readValueWord(reading, children.Value?.[0], readTokenText(equals));
  return { key: readWord(reading, readTokenText(key)), value, legacy: false };
}

function readDeclaration(reading: Reading, { children }: DeclarationCstNode): ArgDeclaration | undefined {
  const [bare, key, equals] = [children.BareEquals?.[0], children.Key?.[0], children.Equals?.[0]];
  if (bare !== undefined) return reportBlankName(reading, readTokenText(bare), 'ARG');
  if (key === undefined) return undefined;
  const word = readWord(reading, readTokenText(key));
  const name = word.parts.map((part) => (part.kind === 'text' ? part.text : part.raw)).join('');
  const declaration = { name, key: word, range: word.range };
  if (equals === undefined) return declaration;
  const value = readValueWord(reading, children.Value?.[0], readTokenText(equals));
  return { ...declaration, value, range: { start: word.range.start, end: value.range.end } };
}

function readValueWord(
  reading: Reading,
  token: Parameters<typeof readTokenText>[0] | undefined,
  equals: MappedText,
): Word {
  if (token !== undefined) return readWord(reading, readTokenText(token));
  return readWord(reading, { text: '', pieces: [], sourceEnd: equals.sourceEnd });
}

function reportBlankName(reading: Reading, equals: MappedText, keyword: string): undefined {
  reportError(
    reading,
    { code: 'blank-name', message: `\`${keyword}\` needs a name before \`=\`` },
    findTextRange(reading, equals),
  );
}
