import type { Range } from '../../instructions/index.ts';
import { createRuleUrl, type Report, type Rule } from './rule.ts';

export const ExposeInvalidFormat: Rule = {
  name: 'ExposeInvalidFormat',
  description: 'Name only container ports in EXPOSE; addresses and host ports are chosen when a container starts',
  url: createRuleUrl('expose-invalid-format'),
};

export function checkExposeFormat(port: string, mapsHost: boolean, range: Range, report: Report): void {
  if (!mapsHost) return;
  const detail = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
  report(ExposeInvalidFormat, detail, range);
}
