import type { Range } from '../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from './rule.ts';

export const MultipleInstructionsDisallowed: Rule = {
  name: 'MultipleInstructionsDisallowed',
  description: 'Use CMD, ENTRYPOINT and HEALTHCHECK once in a stage; only the last one counts',
  url: createRuleUrl('multiple-instructions-disallowed'),
};

/** The finding is at the earlier instruction, which has no effect. */
export function checkMultipleInstructions(keyword: string, earlier: Range | undefined, report: Report): void {
  if (!earlier) return;
  const why = 'should not be used in the same stage because only the last one will be used';
  report({ rule: MultipleInstructionsDisallowed, detail: `Multiple ${keyword} instructions ${why}`, range: earlier });
}
