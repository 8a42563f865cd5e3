import { createRuleUrl, type Place, type Rule } from './rule.ts';

export const ExposeProtoCasing: Rule = {
  name: 'ExposeProtoCasing',
  description: 'Write the protocol of EXPOSE in lower case',
  url: createRuleUrl('expose-proto-casing'),
};

export function checkExposeProtocol(port: string, protocol: string, { range, report }: Place): void {
  if (protocol === protocol.toLowerCase()) return;
  report({
    rule: ExposeProtoCasing,
    detail: `Defined protocol '${port}' in EXPOSE instruction should be lowercase`,
    range,
  });
}
