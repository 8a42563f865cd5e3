import type { Range } from '../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from './rule.ts';

export const ExposeProtoCasing: Rule = {
  name: 'ExposeProtoCasing',
  description: 'Write the protocol of EXPOSE in lower case',
  url: createRuleUrl('expose-proto-casing'),
};

export function checkExposeProtocol(port: string, protocol: string, range: Range, report: Report): void {
  if (protocol === protocol.toLowerCase()) return;
  report(ExposeProtoCasing, `Defined protocol '${port}' in EXPOSE instruction should be lowercase`, range);
}
