/** Report formats of Code Climate and GitLab. */
import { createHash } from 'node:crypto';
import type { Level } from '../hadolint/levels.ts';
import type { LintReport } from '../lint-build-file.ts';
import { toHadolintJson } from './hadolint.ts';

const SEVERITIES: Readonly<Record<Level, string>> = {
  error: 'blocker',
  warning: 'major',
  info: 'info',
  style: 'minor',
};

/** Members are sorted by name, because the fingerprint is a hash of the JSON text. */
function listIssues(report: LintReport, file: string) {
  return toHadolintJson(report, file).map(({ line, code, message, level }) => ({
    categories: ['Bug Risk'],
    check_name: code,
    description: message,
    location: { lines: { begin: line, end: line }, path: file },
    severity: SEVERITIES[level],
    type: 'issue',
  }));
}

/** A sequence of JSON objects. A NUL byte follows each object. */
export function formatCodeClimate(report: LintReport, file: string): string {
  return listIssues(report, file)
    .map((issue) => `${JSON.stringify(issue)}\0`)
    .join('');
}

/** One JSON array. Each finding has a unique fingerprint, also if two findings have the same line and message. */
export function formatGitlabCodeClimate(report: LintReport, file: string): string {
  const seen = new Map<string, number>();
  const found = listIssues(report, file).map((issue) => {
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
