/** Finds declarations and uses of variables. */
import type { BuildFile, Instruction, Word } from '../instructions/index.ts';
import { type EditorDocument, isAt, toSpan } from './document.ts';
import type { Occurrence } from './occurrence.ts';
import { scanVariables, type VariableUse } from './variable-scan.ts';

export interface VariableOccurrence extends Occurrence {
  /** Index of its stage; -1 before the first stage, and in all FROM lines. */
  readonly scope: number;
  /** Index of its instruction. */
  readonly instruction: number;
}

/** Cached, because most requests need the occurrences, and a document does not change. */
const cachedOccurrences = new WeakMap<EditorDocument, readonly VariableOccurrence[]>();

/** In file order, declarations of an instruction first. */
export function findVariableOccurrences(document: EditorDocument): readonly VariableOccurrence[] {
  const found = cachedOccurrences.get(document) ?? findOccurrences(document);
  cachedOccurrences.set(document, found);
  return found;
}

function findOccurrences({ file, source }: EditorDocument): readonly VariableOccurrence[] {
  let stage = -1;
  return file.instructions.flatMap((instruction, index): readonly VariableOccurrence[] => {
    if (instruction.kind === 'from') stage += 1;
    const place = { scope: instruction.kind === 'from' ? -1 : stage, instruction: index };
    return [
      ...findDeclarationsIn(instruction).map((found) => ({ ...found, ...place, role: 'definition' as const })),
      ...findUsesIn(instruction, source, file.escape).map((found) => ({ ...found, ...place, role: 'use' as const })),
    ];
  });
}

/** The declaration of a use: the last one before it in its stage, in the base stages, or before all stages. */
export function findDeclaration(document: EditorDocument, at: VariableOccurrence): VariableOccurrence | undefined {
  const all = findVariableOccurrences(document).filter(({ name, role }) => role === 'definition' && name === at.name);
  const own = all.findLast(({ scope, instruction }) => scope === at.scope && instruction < at.instruction);
  if (own !== undefined) return own;
  if (at.role === 'definition') return at.scope < 0 ? undefined : all.findLast(({ scope }) => scope < 0);
  const parentOf = (scope: number) => document.stages[scope]?.parent;
  for (let parent = parentOf(at.scope); parent !== undefined; parent = parentOf(parent)) {
    const inherited = all.findLast(({ scope }) => scope === parent);
    if (inherited !== undefined) return inherited;
  }
  return undefined;
}

/** All occurrences of the same variable: in its stage and base stages, and before all stages if one of them declares it again. */
export function findSameVariable(document: EditorDocument, at: VariableOccurrence): readonly VariableOccurrence[] {
  const named = findVariableOccurrences(document).filter(({ name }) => name === at.name);
  const roots = new Map([...document.stages.map(({ index }) => [index, findRoot(document, index)] as const), [-1, -1]]);
  const redeclares = new Set(named.filter(({ role }) => role === 'definition').map(({ scope }) => roots.get(scope)!));
  const familyOf = (scope: number) => {
    const root = roots.get(scope)!;
    return redeclares.has(root) && redeclares.has(-1) ? -1 : root;
  };
  return named.filter(({ scope }) => familyOf(scope) === familyOf(at.scope));
}

/** The variables that are visible at an offset, with their declarations. */
export function findVariablesAt(document: EditorDocument, offset: number): ReadonlyMap<string, VariableOccurrence> {
  const isFrom = document.stages.some(({ from }) => isAt(toSpan(from.range), offset));
  let scope: number | undefined = isFrom ? -1 : (document.stages.findLast(({ start }) => start <= offset)?.index ?? -1);
  const declared = findVariableOccurrences(document).filter(
    ({ role, start }) => role === 'definition' && start < offset,
  );
  const found = new Map<string, VariableOccurrence>();
  for (; scope !== undefined; scope = document.stages[scope]?.parent) {
    for (const each of declared.filter((one) => one.scope === scope))
      if (!found.has(each.name)) found.set(each.name, each);
  }
  return found;
}

function findRoot(document: EditorDocument, scope: number): number {
  const parent = document.stages[scope]?.parent;
  return parent === undefined ? scope : findRoot(document, parent);
}

function findDeclarationsIn(instruction: Instruction): readonly VariableUse[] {
  if (instruction.kind === 'arg') return instruction.args.map(({ name, key }) => ({ name, ...toSpan(key.range) }));
  if (instruction.kind === 'env') return instruction.pairs.map(({ key }) => ({ name: key.raw, ...toSpan(key.range) }));
  return [];
}

function findUsesIn(instruction: Instruction, source: string, sign: BuildFile['escape']): readonly VariableUse[] {
  const words = findWordsIn(instruction).flatMap(({ word, isBody }) => {
    const { start, end } = toSpan(word.range);
    return scanVariables(source.slice(start, end), start, { escape: isBody ? '\\' : sign, quotes: !isBody });
  });
  return [...words, ...findCommandUses(instruction, source)].toSorted((a, b) => a.start - b.start);
}

/** Uses in commands, which the shell expands. In heredoc scripts quotes are ignored, because an apostrophe may be in a comment. */
function findCommandUses(instruction: Instruction, source: string): readonly VariableUse[] {
  if (!('command' in instruction) || instruction.command?.form !== 'shell') return [];
  const { start, end } = toSpan(instruction.command.range);
  const command = scanVariables(source.slice(start, end), start, { escape: '\\', quotes: true });
  if (instruction.kind !== 'run' || instruction.heredocs.length === 0) return command;
  const bodies = source.slice(end, instruction.range.end.offset);
  return [...command, ...scanVariables(bodies, end, { escape: '\\', quotes: false })];
}

/** All words with variables in an instruction, at any depth. */
function findWordsIn(value: unknown, isBody = false): readonly { readonly word: Word; readonly isBody: boolean }[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isWord(value)) return value.raw.includes('$') ? [{ word: value, isBody }] : [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'range' ? [] : findWordsIn(member, name === 'body'),
  );
}

function isWord(value: object): value is Word {
  return 'raw' in value && 'parts' in value;
}
