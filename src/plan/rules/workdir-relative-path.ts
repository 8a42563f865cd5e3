import type { Range } from '../../instructions/index.ts';
import { quote } from '../words/go-format.ts';
import { type Report, type Rule, ruleUrl } from './rule.ts';

export const WorkdirRelativePath: Rule = {
  name: 'WorkdirRelativePath',
  description: 'Start with an absolute WORKDIR; what a relative one means depends on the base image',
  url: ruleUrl('workdir-relative-path'),
};

/** Only the first WORKDIR of a stage and of the stages it is built on is judged: with it, the rest is mended. */
export function checkWorkdirRelativePath(path: string, isFirst: boolean, range: Range, report: Report): void {
  if (!isFirst || path.startsWith('/')) return;
  const detail = `Relative workdir ${quote(path)} can have unexpected results if the base image changes`;
  report(WorkdirRelativePath, detail, range);
}
