import type { StageSource } from '../../stages/stage.ts';
import { quote } from '../../words/go-format.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const ReservedStageName: Rule = {
  name: 'ReservedStageName',
  description: 'Do not name a stage `context` or `scratch`; these names are reserved',
  url: createRuleUrl('reserved-stage-name'),
};

export function checkReservedStageName(stages: readonly StageSource[], report: Report): void {
  for (const { name, from } of stages) {
    if (name !== 'context' && name !== 'scratch') continue;
    report({
      rule: ReservedStageName,
      detail: `Stage name should not use the same name as reserved stage ${quote(name)}`,
      range: from.range,
    });
  }
}
