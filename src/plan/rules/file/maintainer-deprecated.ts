import type { Instruction } from '../../../instructions/index.ts';
import { type Report, type Rule, ruleUrl } from '../rule.ts';

export const MaintainerDeprecated: Rule = {
  name: 'MaintainerDeprecated',
  description: 'Name the author in a label; MAINTAINER is deprecated',
  url: ruleUrl('maintainer-deprecated'),
};

export function checkMaintainer(instruction: Instruction, report: Report): void {
  if (instruction.kind !== 'maintainer') return;
  report(MaintainerDeprecated, 'Maintainer instruction is deprecated in favor of using label', instruction.range);
}
