import type { From } from '../../../instructions/index.ts';
import type { Expansion } from '../../words/expand.ts';
import type { Scope } from '../../words/scope.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const RedundantTargetPlatform: Rule = {
  name: 'RedundantTargetPlatform',
  description: 'Leave out `--platform=$TARGETPLATFORM`; it is the default',
  url: createRuleUrl('redundant-target-platform'),
};

interface PlatformFlag {
  readonly platform: Expansion;
  readonly globals: Scope;
}

/** Reported only if the value consists of TARGETPLATFORM alone. */
export function checkRedundantTargetPlatform(from: From, report: Report, { platform, globals }: PlatformFlag): void {
  const { matched, unmatched, value } = platform;
  const alone = matched.size === 1 && unmatched.size === 0 && matched.has('TARGETPLATFORM');
  if (!from.platform || !alone || value !== globals.get('TARGETPLATFORM')) return;
  const why = 'in FROM is redundant as this is the default behavior';
  report({
    rule: RedundantTargetPlatform,
    detail: `Setting platform to predefined ${from.platform.raw} ${why}`,
    range: from.range,
  });
}
