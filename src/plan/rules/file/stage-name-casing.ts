import type { From } from '../../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const StageNameCasing: Rule = {
  name: 'StageNameCasing',
  description: 'Write stage names in lower case',
  url: createRuleUrl('stage-name-casing'),
};

export function checkStageNameCasing(from: From, report: Report): void {
  const name = from.as?.name;
  if (name === undefined || name === name.toLowerCase()) return;
  report({ rule: StageNameCasing, detail: `Stage name '${name}' should be lowercase`, range: from.range });
}
