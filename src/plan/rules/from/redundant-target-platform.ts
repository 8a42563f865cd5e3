import type { From } from '../../../instructions/index.ts';
import type { Expansion } from '../../words/expand.ts';
import type { Scope } from '../../words/scope.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const RedundantTargetPlatform: Rule = {
  name: 'RedundantTargetPlatform',
  description: 'Leave out `--platform=$TARGETPLATFORM`; it is the default',
  url: createRuleUrl('redundant-target-platform'),
};

/** Reported only if the value consists of TARGETPLATFORM alone. */
export function checkRedundantTargetPlatform(from: From, platform: Expansion, globals: Scope, report: Report): void {
  const { matched, unmatched, value } = platform;
  const alone = matched.size === 1 && unmatched.size === 0 && matched.has('TARGETPLATFORM');
  if (!from.platform || !alone || value !== globals.get('TARGETPLATFORM')) return;
  const why = 'in FROM is redundant as this is the default behavior';
  report(RedundantTargetPlatform, `Setting platform to predefined ${from.platform.raw} ${why}`, from.range);
}
