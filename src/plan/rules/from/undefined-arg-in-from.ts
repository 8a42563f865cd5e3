import type { Range } from '../../../instructions/index.ts';
import { nearest } from '../../words/nearest.ts';
import { type Report, type Rule, ruleUrl } from '../rule.ts';

export const UndefinedArgInFrom: Rule = {
  name: 'UndefinedArgInFrom',
  description: 'Declare with ARG what a FROM uses',
  url: ruleUrl('undefined-arg-in-from'),
};

/** `declared`: global ARGs, with or without a value, and the automatic ones. */
export function checkUndefinedArgInFrom(
  unmatched: Iterable<string>,
  declared: ReadonlySet<string>,
  range: Range,
  report: Report,
): void {
  for (const name of unmatched) {
    if (declared.has(name)) continue;
    const similar = nearest(name, declared);
    const hint = similar === undefined ? '' : ` (did you mean ${similar}?)`;
    report(
      UndefinedArgInFrom,
      `FROM argument '${name}' is not declared${hint}`,
      range,
      similar === undefined ? undefined : { from: name, to: similar },
    );
  }
}
