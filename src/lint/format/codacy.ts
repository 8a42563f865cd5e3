import type { LintReport } from '../lint-build-file.ts';
import { hadolintJson } from './hadolint.ts';

/** One JSON object per line. */
export function codacyLines(report: LintReport, file: string): string {
  return hadolintJson(report, file)
    .map(({ line, code, message }) => `${JSON.stringify({ filename: file, patternId: code, message, line })}\n`)
    .join('');
}
