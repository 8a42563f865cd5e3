import type { LintReport } from '../lint-build-file.ts';
import { toHadolintJson } from './hadolint.ts';

/** One JSON object per line. */
export function formatCodacy(report: LintReport, file: string): string {
  return toHadolintJson(report, file)
    .map(({ line, code, message }) => `${JSON.stringify({ filename: file, patternId: code, message, line })}\n`)
    .join('');
}
