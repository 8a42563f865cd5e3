/** What Code Climate and GitLab read. */
import { createHash } from 'node:crypto';
import type { Level } from '../hadolint/levels.ts';
import type { LintReport } from '../lint-build-file.ts';
import { hadolintJson } from './hadolint.ts';

const SEVERITIES: Readonly<Record<Level, string>> = {
  error: 'blocker',
  warning: 'major',
  info: 'info',
  style: 'minor',
};

/** Members in the order of their names: a fingerprint is made of the text. */
function issues(report: LintReport, file: string) {
  return hadolintJson(report, file).map(({ line, code, message, level }) => ({
    categories: ['Bug Risk'],
    check_name: code,
    description: message,
    location: { lines: { begin: line, end: line }, path: file },
    severity: SEVERITIES[level],
    type: 'issue',
  }));
}

/** One object after the other, with a NUL behind each. */
export function codeClimateJson(report: LintReport, file: string): string {
  return issues(report, file)
    .map((issue) => `${JSON.stringify(issue)}\0`)
    .join('');
}

/** One array. Findings that are told with the same words on the same line have fingerprints of their own. */
export function gitlabCodeClimateJson(report: LintReport, file: string): string {
  const seen = new Map<string, number>();
  const found = issues(report, file).map((issue) => {
    const text = JSON.stringify(issue);
    const count = seen.get(text) ?? 0;
    seen.set(text, count + 1);
    const fingerprint = createHash('sha1')
      .update(count === 0 ? text : `${text}#${count}`)
      .digest('hex');
    return { fingerprint, ...issue };
  });
  return JSON.stringify(found);
}
