/** Fixes for the case of keywords. */
import type { From, SourceLine, TextEdit } from '../../instructions/index.ts';
import type { FixContext } from './fix-context.ts';

/** Uses the case of the majority, which the check has counted. `AS` gets the same case as its `FROM`. */
export function fixInstructionCasing({ finding, instruction, lintFile }: FixContext) {
  const { keyword } = instruction;
  const isLower = finding.detail.endsWith('(lowercase)');
  const wanted = isLower ? keyword.toLowerCase() : keyword.toUpperCase();
  const line = lintFile.source.line(instruction);
  const as = instruction.kind === 'from' ? createAsEdit(instruction, line, isLower) : [];
  const edits = [{ range: line.toRange(0, keyword.length), text: wanted }, ...as];
  return { title: `write \`${wanted}\``, edits, isSafe: true } as const;
}

export function fixAsCasing({ instruction, lintFile }: FixContext) {
  if (instruction.kind !== 'from') return undefined;
  const isLower = instruction.keyword === instruction.keyword.toLowerCase();
  const edits = createAsEdit(instruction, lintFile.source.line(instruction), isLower);
  return { title: `write \`${isLower ? 'as' : 'AS'}\``, edits, isSafe: true } as const;
}

function createAsEdit({ as }: From, line: SourceLine, isLower: boolean): readonly TextEdit[] {
  const wanted = isLower ? as?.keyword.toLowerCase() : as?.keyword.toUpperCase();
  if (!as || wanted === undefined || as.keyword === wanted) return [];
  const found = /\s(as)\s+\S+\s*$/i.exec(line.text);
  return found ? [{ range: line.toRange(found.index + 1, found.index + 3), text: wanted }] : [];
}
