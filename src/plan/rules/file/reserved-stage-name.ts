import type { StageSource } from '../../stages/stage.ts';
import { quote } from '../../words/go-format.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const ReservedStageName: Rule = {
  name: 'ReservedStageName',
  description: 'Keep `context` and `scratch` for what they mean to the builder',
  url: createRuleUrl('reserved-stage-name'),
};

export function checkReservedStageName(stages: readonly StageSource[], report: Report): void {
  for (const { name, from } of stages) {
    if (name !== 'context' && name !== 'scratch') continue;
    report(ReservedStageName, `Stage name should not use the same name as reserved stage ${quote(name)}`, from.range);
  }
}
