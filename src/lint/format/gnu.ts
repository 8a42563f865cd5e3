import type { LintReport } from '../lint-build-file.ts';
import { hadolintJson } from './hadolint.ts';

/** `hadolint:Dockerfile:3: DL3008 warning: text`, a line each, as the GNU coding standards want messages of programs. */
export function gnuLines(report: LintReport, file: string): string {
  return hadolintJson(report, file)
    .map(({ line, code, level, message }) => `hadolint:${file}:${line}: ${code} ${level}: ${message}`)
    .map((text) => `${text.replaceAll(/[\r\n]/g, ' ')}\n`)
    .join('');
}
