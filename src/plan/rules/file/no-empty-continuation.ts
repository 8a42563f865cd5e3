import type { BuildFile, Instruction, Range } from '../../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const NoEmptyContinuation: Rule = {
  name: 'NoEmptyContinuation',
  description: 'Do not leave empty lines inside a continued instruction',
  url: createRuleUrl('no-empty-continuation'),
};

/** Reported once per instruction, at its last line before the heredocs. */
export function checkNoEmptyContinuation(file: BuildFile, report: Report): void {
  for (const index of new Set(file.emptyContinuations.map((empty) => empty.instruction))) {
    const instruction = file.instructions[index];
    if (instruction)
      report({ rule: NoEmptyContinuation, detail: 'Empty continuation line', range: findLastOwnLine(instruction) });
  }
}

function findLastOwnLine(instruction: Instruction): Range {
  const start = findOwnEnd(instruction);
  return { start, end: start };
}

function findOwnEnd(instruction: Instruction) {
  const [heredoc] = listHeredocs(instruction);
  const line = heredoc === undefined ? instruction.range.end.line : heredoc.range.start.line - 1;
  return { ...instruction.range.end, line: Math.max(line, instruction.range.start.line) };
}

function listHeredocs(instruction: Instruction) {
  if (instruction.kind === 'run') return instruction.heredocs;
  if (instruction.kind !== 'copy' && instruction.kind !== 'add') return [];
  return instruction.sources.flatMap((source) => (source.kind === 'heredoc' ? [source.heredoc] : []));
}
