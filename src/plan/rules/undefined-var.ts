import { BUILDER_ARGS } from '../stages/global-args.ts';
import type { Scope } from '../words/scope.ts';
import { findNearestName } from '../words/suggestion.ts';
import { createRuleUrl, type Place, type Rule } from './rule.ts';

export const UndefinedVar: Rule = {
  name: 'UndefinedVar',
  description: 'Define variables before they are used',
  url: createRuleUrl('undefined-var'),
};

/** Variables that are known to a word: those with a value, and ARGs declared without a value. */
export interface KnownVariables {
  readonly scope: Scope;
  readonly args: { has(name: string): boolean };
  /** Whether to search for a similar name. */
  readonly guesses: boolean;
}

export function checkUndefinedVar(unmatched: Iterable<string>, known: KnownVariables, { range, report }: Place): void {
  for (const name of unmatched) {
    if (BUILDER_ARGS.has(name) || known.args.has(name)) continue;
    const similar = known.guesses ? findNearestName(name, known.scope.keys()) : undefined;
    const hint = similar === undefined ? '' : ` (did you mean $${similar}?)`;
    report({
      rule: UndefinedVar,
      detail: `Usage of undefined variable '$${name}'${hint}`,
      range,
      ...(similar !== undefined && { misspelling: { from: name, to: similar } }),
    });
  }
}
