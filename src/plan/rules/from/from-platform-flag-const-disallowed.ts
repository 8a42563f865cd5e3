import type { Platform } from '../../../oci/index.ts';
import type { StageSource } from '../../stages/stage.ts';
import type { Expansion } from '../../words/expand.ts';
import { quote } from '../../words/go-format.ts';
import { createRuleUrl, type Report, type Rule } from '../rule.ts';

export const FromPlatformFlagConstDisallowed: Rule = {
  name: 'FromPlatformFlagConstDisallowed',
  description: 'Use a variable for `--platform` of a FROM, or name the stage after its platform',
  url: createRuleUrl('from-platform-flag-const-disallowed'),
};

interface ConstantPlatformCheck {
  readonly written: Expansion;
  readonly platform: Platform;
}

export function checkConstantPlatform(
  stage: StageSource,
  report: Report,
  { written, platform }: ConstantPlatformCheck,
): void {
  if (written.matched.size > 0 || written.unmatched.size > 0) return;
  const name = stage.name ?? '';
  if (name.includes(platform.os) || name.includes(platform.architecture)) return;
  const detail = `FROM --platform flag should not use constant value ${quote(written.value)}`;
  report({ rule: FromPlatformFlagConstDisallowed, detail, range: stage.from.range });
}
