import type { Level } from '../hadolint/levels.ts';
import type { LintReport } from '../lint-build-file.ts';
import { toHadolintJson } from './hadolint.ts';

const SEVERITIES: Readonly<Record<Level, string>> = {
  error: 'CRITICAL',
  warning: 'MAJOR',
  info: 'MINOR',
  style: 'INFO',
};

/** SonarQube's generic issue format. SonarQube rejects columns that a line does not have, so every issue has the first one. */
export function formatSonarQube(report: LintReport, file: string): string {
  const issues = toHadolintJson(report, file).map(({ line, code, message, level }) => ({
    engineId: 'Hadolint',
    ruleId: code,
    severity: SEVERITIES[level],
    type: level === 'error' ? 'BUG' : 'CODE_SMELL',
    primaryLocation: {
      message,
      filePath: file,
      textRange: { startLine: line, endLine: line, startColumn: 0, endColumn: 1 },
    },
  }));
  return JSON.stringify({ issues });
}
