import type { LintReport } from '../lint-build-file.ts';
import { toHadolintJson } from './hadolint.ts';

/** One line per finding, in the message format of the GNU coding standards: `hadolint:Dockerfile:3: DL3008 warning: text`. */
export function formatGnu(report: LintReport, file: string): string {
  return toHadolintJson(report, file)
    .map(({ line, code, level, message }) => `hadolint:${file}:${line}: ${code} ${level}: ${message}`)
    .map((text) => `${text.replaceAll(/[\r\n]/g, ' ')}\n`)
    .join('');
}
