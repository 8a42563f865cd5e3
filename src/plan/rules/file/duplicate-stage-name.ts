import type { StageSource } from '../../stages/stage.ts';
import { quote } from '../../words/go-format.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const DuplicateStageName: Rule = {
  name: 'DuplicateStageName',
  description: 'Give every stage a different name',
  url: createRuleUrl('duplicate-stage-name'),
};

export function checkDuplicateStageName(stages: readonly StageSource[], report: Report): void {
  const seen = new Set<string>();
  for (const { name, from } of stages) {
    if (name === undefined) continue;
    const detail = `Duplicate stage name ${quote(name)}, stage names should be unique`;
    if (seen.has(name)) report({ rule: DuplicateStageName, detail, range: from.range });
    seen.add(name);
  }
}
