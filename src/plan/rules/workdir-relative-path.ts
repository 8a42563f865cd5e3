import { quote } from '../words/go-format.ts';
import { createRuleUrl, type Place, type Rule } from './rule.ts';

export const WorkdirRelativePath: Rule = {
  name: 'WorkdirRelativePath',
  description: 'Begin with an absolute WORKDIR; a relative one depends on the base image',
  url: createRuleUrl('workdir-relative-path'),
};

/** Checks only the first WORKDIR of a stage and of its base stages. If that one is absolute, the others are too. */
export function checkWorkdirRelativePath(path: string, isFirst: boolean, { range, report }: Place): void {
  if (!isFirst || path.startsWith('/')) return;
  const detail = `Relative workdir ${quote(path)} can have unexpected results if the base image changes`;
  report({ rule: WorkdirRelativePath, detail, range });
}
