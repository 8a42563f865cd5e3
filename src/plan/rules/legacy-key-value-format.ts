import type { KeyValue, Range } from '../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from './rule.ts';

export const LegacyKeyValueFormat: Rule = {
  name: 'LegacyKeyValueFormat',
  description: 'Write `key=value`; the form with a blank is only kept for old files',
  url: createRuleUrl('legacy-key-value-format'),
};

export function checkLegacyKeyValue(
  keyword: string,
  pairs: readonly Pick<KeyValue, 'legacy'>[],
  range: Range,
  report: Report,
): void {
  const detail = `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`;
  for (const pair of pairs) if (pair.legacy) report(LegacyKeyValueFormat, detail, range);
}
