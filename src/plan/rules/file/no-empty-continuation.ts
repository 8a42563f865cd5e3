import type { BuildFile, Instruction, Range } from '../../../instructions/index.ts';
import { type Report, type Rule, ruleUrl } from '../rule.ts';

export const NoEmptyContinuation: Rule = {
  name: 'NoEmptyContinuation',
  description: 'Leave no empty lines inside a continued instruction',
  url: ruleUrl('no-empty-continuation'),
};

/** Once per instruction, at the line where the instruction itself (not its heredocs) ends. */
export function checkNoEmptyContinuation(file: BuildFile, report: Report): void {
  for (const index of new Set(file.emptyContinuations.map((empty) => empty.instruction))) {
    const instruction = file.instructions[index];
    if (instruction) report(NoEmptyContinuation, 'Empty continuation line', lastOwnLine(instruction));
  }
}

function lastOwnLine(instruction: Instruction): Range {
  const start = ownEnd(instruction);
  return { start, end: start };
}

function ownEnd(instruction: Instruction) {
  const [heredoc] = heredocsOf(instruction);
  const line = heredoc === undefined ? instruction.range.end.line : heredoc.range.start.line - 1;
  return { ...instruction.range.end, line: Math.max(line, instruction.range.start.line) };
}

function heredocsOf(instruction: Instruction) {
  if (instruction.kind === 'run') return instruction.heredocs;
  if (instruction.kind !== 'copy' && instruction.kind !== 'add') return [];
  return instruction.sources.flatMap((source) => (source.kind === 'heredoc' ? [source.heredoc] : []));
}
