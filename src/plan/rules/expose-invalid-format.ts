import type { Range } from '../../instructions/index.ts';
import { type Report, type Rule, ruleUrl } from './rule.ts';

export const ExposeInvalidFormat: Rule = {
  name: 'ExposeInvalidFormat',
  description: 'Name only container ports in EXPOSE; addresses and host ports are chosen when a container starts',
  url: ruleUrl('expose-invalid-format'),
};

export function checkExposeFormat(port: string, mapsHost: boolean, range: Range, report: Report): void {
  if (!mapsHost) return;
  const detail = `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`;
  report(ExposeInvalidFormat, detail, range);
}
