import { findNearestName } from '../../words/suggestion.ts';
import { createRuleUrl, type Place, type Rule } from '../rule.ts';

export const UndefinedArgInFrom: Rule = {
  name: 'UndefinedArgInFrom',
  description: 'Declare the variables of a FROM with ARG',
  url: createRuleUrl('undefined-arg-in-from'),
};

/** `declared`: global ARGs, with or without a value, and automatic ARGs. */
export function checkUndefinedArgInFrom(
  unmatched: Iterable<string>,
  declared: ReadonlySet<string>,
  { range, report }: Place,
): void {
  for (const name of unmatched) {
    if (declared.has(name)) continue;
    const similar = findNearestName(name, declared);
    const hint = similar === undefined ? '' : ` (did you mean ${similar}?)`;
    report({
      rule: UndefinedArgInFrom,
      detail: `FROM argument '${name}' is not declared${hint}`,
      range,
      ...(similar !== undefined && { misspelling: { from: name, to: similar } }),
    });
  }
}
