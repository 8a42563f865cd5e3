import type { From } from '../../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const FromAsCasing: Rule = {
  name: 'FromAsCasing',
  description: 'Write FROM and AS in the same case',
  url: createRuleUrl('from-as-casing'),
};

/** A FROM in mixed case is reported by ConsistentInstructionCasing. */
export function checkFromAsCasing(from: From, report: Report): void {
  const as = from.as?.keyword;
  if (as === undefined) return;
  const fromLower = from.keyword === from.keyword.toLowerCase();
  const fromUpper = from.keyword === from.keyword.toUpperCase();
  if ((!fromLower && !fromUpper) || as === (fromLower ? as.toLowerCase() : as.toUpperCase())) return;
  report({
    rule: FromAsCasing,
    detail: `'${as}' and '${from.keyword}' keywords' casing do not match`,
    range: from.range,
  });
}
