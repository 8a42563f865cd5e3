import type { Instruction } from '../../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const MaintainerDeprecated: Rule = {
  name: 'MaintainerDeprecated',
  description: 'Name the author in a label; MAINTAINER is deprecated',
  url: createRuleUrl('maintainer-deprecated'),
};

export function checkMaintainer(instruction: Instruction, report: Report): void {
  if (instruction.kind !== 'maintainer') return;
  report({
    rule: MaintainerDeprecated,
    detail: 'Maintainer instruction is deprecated in favor of using label',
    range: instruction.range,
  });
}
