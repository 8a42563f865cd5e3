import type { Instruction } from '../../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const ConsistentInstructionCasing: Rule = {
  name: 'ConsistentInstructionCasing',
  description: 'Write all instructions in the same case',
  url: createRuleUrl('consistent-instruction-casing'),
};

/** The majority decides; upper case if there is no majority. Global ARGs are ignored. */
export function checkConsistentInstructionCasing(instructions: readonly Instruction[], report: Report): void {
  const keywords = instructions.map((instruction) => instruction.keyword);
  const lower = keywords.filter(isLower).length;
  const upper = keywords.filter((keyword) => !isLower(keyword) && isUpper(keyword)).length;
  const [isRight, wanted] = lower > upper ? ([isLower, 'lowercase'] as const) : ([isUpper, 'uppercase'] as const);
  for (const { keyword, range } of instructions) {
    if (isRight(keyword)) continue;
    const detail = `Command '${keyword}' should match the case of the command majority (${wanted})`;
    report({ rule: ConsistentInstructionCasing, detail, range });
  }
}

function isLower(keyword: string): boolean {
  return keyword === keyword.toLowerCase();
}

function isUpper(keyword: string): boolean {
  return keyword === keyword.toUpperCase();
}
