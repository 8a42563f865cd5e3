import type { Range } from '../../../instructions/index.ts';
import { findNearestName } from '../../words/suggestion.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const UndefinedArgInFrom: Rule = {
  name: 'UndefinedArgInFrom',
  description: 'Declare with ARG what a FROM uses',
  url: createRuleUrl('undefined-arg-in-from'),
};

/** `declared`: global ARGs, with or without a value, and automatic ARGs. */
export function checkUndefinedArgInFrom(
  unmatched: Iterable<string>,
  declared: ReadonlySet<string>,
  range: Range,
  report: Report,
): void {
  for (const name of unmatched) {
    if (declared.has(name)) continue;
    const similar = findNearestName(name, declared);
    const hint = similar === undefined ? '' : ` (did you mean ${similar}?)`;
    report(
      UndefinedArgInFrom,
      `FROM argument '${name}' is not declared${hint}`,
      range,
      similar === undefined ? undefined : { from: name, to: similar },
    );
  }
}
