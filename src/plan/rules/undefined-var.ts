import type { Range } from '../../instructions/index.ts';
import { BUILDER_ARGS } from '../stages/global-args.ts';
import { nearest } from '../words/nearest.ts';
import type { Scope } from '../words/scope.ts';
import { type Report, type Rule, ruleUrl } from './rule.ts';

export const UndefinedVar: Rule = {
  name: 'UndefinedVar',
  description: 'Define variables before they are used',
  url: ruleUrl('undefined-var'),
};

/** What can be known when a word has been looked at: the variables there are and the ARGs that were declared without a value. */
export interface KnownVariables {
  readonly scope: Scope;
  readonly args: { has(name: string): boolean };
  /** Whether to look for the name that may have been meant. */
  readonly guesses: boolean;
}

export function checkUndefinedVar(
  unmatched: Iterable<string>,
  known: KnownVariables,
  range: Range,
  report: Report,
): void {
  for (const name of unmatched) {
    if (BUILDER_ARGS.has(name) || known.args.has(name)) continue;
    const similar = known.guesses ? nearest(name, known.scope.keys()) : undefined;
    const hint = similar === undefined ? '' : ` (did you mean $${similar}?)`;
    report(
      UndefinedVar,
      `Usage of undefined variable '$${name}'${hint}`,
      range,
      similar === undefined ? undefined : { from: name, to: similar },
    );
  }
}
