import type { LintReport } from '../lint-build-file.ts';
import { hadolintJson } from './hadolint.ts';

/** One object a line. */
export function codacyLines(report: LintReport, file: string): string {
  return hadolintJson(report, file)
    .map(({ line, code, message }) => `${JSON.stringify({ filename: file, patternId: code, message, line })}\n`)
    .join('');
}
