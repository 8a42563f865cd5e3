/** Where variables are declared and used, and which of these places are about the same variable. */
import type { BuildFile, Instruction, Word } from '../instructions/index.ts';
import { type EditorDocument, isAt, spanOf } from './document.ts';
import type { Occurrence } from './occurrence.ts';
import { type VariableUse, variablesIn } from './variable-scan.ts';

export interface VariableOccurrence extends Occurrence {
  /** Index of the stage that it belongs to; -1 is what stands before the first, and all FROM lines. */
  readonly scope: number;
  /** Index of its instruction. */
  readonly instruction: number;
}

/** Nearly every answer needs them, and a document does not change. */
const remembered = new WeakMap<EditorDocument, readonly VariableOccurrence[]>();

/** In the order of the file, declarations of an instruction first. */
export function variableOccurrences(document: EditorDocument): readonly VariableOccurrence[] {
  const found = remembered.get(document) ?? findOccurrences(document);
  remembered.set(document, found);
  return found;
}

function findOccurrences({ file, source }: EditorDocument): readonly VariableOccurrence[] {
  let stage = -1;
  return file.instructions.flatMap((instruction, index): readonly VariableOccurrence[] => {
    if (instruction.kind === 'from') stage += 1;
    const place = { scope: instruction.kind === 'from' ? -1 : stage, instruction: index };
    return [
      ...declarationsIn(instruction).map((found) => ({ ...found, ...place, role: 'definition' as const })),
      ...usesIn(instruction, source, file.escape).map((found) => ({ ...found, ...place, role: 'use' as const })),
    ];
  });
}

/** What a use means: the last declaration before it in its stage, in the stages that this is based on, or before all stages. */
export function declarationOf(document: EditorDocument, at: VariableOccurrence): VariableOccurrence | undefined {
  const all = variableOccurrences(document).filter(({ name, role }) => role === 'definition' && name === at.name);
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

/** All places that are about the same variable: in stages based on one another, and before them if one of them declares it again. */
export function sameVariable(document: EditorDocument, at: VariableOccurrence): readonly VariableOccurrence[] {
  const named = variableOccurrences(document).filter(({ name }) => name === at.name);
  const roots = new Map([...document.stages.map(({ index }) => [index, rootOf(document, index)] as const), [-1, -1]]);
  const redeclares = new Set(named.filter(({ role }) => role === 'definition').map(({ scope }) => roots.get(scope)!));
  const familyOf = (scope: number) => {
    const root = roots.get(scope)!;
    return redeclares.has(root) && redeclares.has(-1) ? -1 : root;
  };
  return named.filter(({ scope }) => familyOf(scope) === familyOf(at.scope));
}

/** The names that can be used at an offset, each with the place that says what it is. */
export function variablesAt(document: EditorDocument, offset: number): ReadonlyMap<string, VariableOccurrence> {
  const isFrom = document.stages.some(({ from }) => isAt(spanOf(from.range), offset));
  let scope: number | undefined = isFrom ? -1 : (document.stages.findLast(({ start }) => start <= offset)?.index ?? -1);
  const declared = variableOccurrences(document).filter(({ role, start }) => role === 'definition' && start < offset);
  const found = new Map<string, VariableOccurrence>();
  for (; scope !== undefined; scope = document.stages[scope]?.parent) {
    for (const each of declared.filter((one) => one.scope === scope))
      if (!found.has(each.name)) found.set(each.name, each);
  }
  return found;
}

function rootOf(document: EditorDocument, scope: number): number {
  const parent = document.stages[scope]?.parent;
  return parent === undefined ? scope : rootOf(document, parent);
}

function declarationsIn(instruction: Instruction): readonly VariableUse[] {
  if (instruction.kind === 'arg') return instruction.args.map(({ name, key }) => ({ name, ...spanOf(key.range) }));
  if (instruction.kind === 'env') return instruction.pairs.map(({ key }) => ({ name: key.raw, ...spanOf(key.range) }));
  return [];
}

function usesIn(instruction: Instruction, source: string, sign: BuildFile['escape']): readonly VariableUse[] {
  const words = wordsIn(instruction).flatMap(({ word, isBody }) => {
    const { start, end } = spanOf(word.range);
    return variablesIn(source.slice(start, end), start, { escape: isBody ? '\\' : sign, quotes: !isBody });
  });
  return [...words, ...commandUses(instruction, source)].toSorted((a, b) => a.start - b.start);
}

/** A shell replaces what stands in a command. In a script, an apostrophe may as well be in a comment. */
function commandUses(instruction: Instruction, source: string): readonly VariableUse[] {
  if (!('command' in instruction) || instruction.command?.form !== 'shell') return [];
  const { start, end } = spanOf(instruction.command.range);
  const command = variablesIn(source.slice(start, end), start, { escape: '\\', quotes: true });
  if (instruction.kind !== 'run' || instruction.heredocs.length === 0) return command;
  const bodies = source.slice(end, instruction.range.end.offset);
  return [...command, ...variablesIn(bodies, end, { escape: '\\', quotes: false })];
}

/** All words of an instruction with a variable in them, wherever it has them. */
function wordsIn(value: unknown, isBody = false): readonly { readonly word: Word; readonly isBody: boolean }[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isWord(value)) return value.raw.includes('$') ? [{ word: value, isBody }] : [];
  return Object.entries(value).flatMap(([name, member]) => (name === 'range' ? [] : wordsIn(member, name === 'body')));
}

function isWord(value: object): value is Word {
  return 'raw' in value && 'parts' in value;
}
