import { createRuleUrl, type Place, type Rule } from './rule.ts';

export const ExposeInvalidFormat: Rule = {
  name: 'ExposeInvalidFormat',
  description: 'Write only container ports in EXPOSE; addresses and host ports are set when a container starts',
  url: createRuleUrl('expose-invalid-format'),
};

export function checkExposeFormat(port: string, mapsHost: boolean, { range, report }: Place): void {
  if (!mapsHost) return;
  const detail = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
  report({ rule: ExposeInvalidFormat, detail, range });
}
