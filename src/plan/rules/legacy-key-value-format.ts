import type { KeyValue } from '../../instructions/index.ts';
import { createRuleUrl, type Place, type Rule } from './rule.ts';

export const LegacyKeyValueFormat: Rule = {
  name: 'LegacyKeyValueFormat',
  description: 'Write `key=value`; the form with a blank is deprecated',
  url: createRuleUrl('legacy-key-value-format'),
};

export function checkLegacyKeyValue(
  keyword: string,
  pairs: readonly Pick<KeyValue, 'legacy'>[],
  { range, report }: Place,
): void {
  const detail = `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`;
  for (const pair of pairs) if (pair.legacy) report({ rule: LegacyKeyValueFormat, detail, range });
}
