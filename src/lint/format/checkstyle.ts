import type { LintReport } from '../lint-build-file.ts';
import { hadolintJson } from './hadolint.ts';
import { xmlAttribute } from './xml.ts';

/** Checkstyle's XML on one line, as hadolint writes it. */
export function checkstyleXml(report: LintReport, file: string): string {
  const errors = hadolintJson(report, file).map(({ line, column, level, message, code }) =>
    element('error', { line: String(line), column: String(column), severity: level, message, source: code }, '/>'),
  );
  const body = errors.length === 0 ? '' : `${element('file', { name: file }, '>')}${errors.join('')}</file>`;
  return `<?xml version='1.0' encoding='UTF-8'?><checkstyle version='4.3'>${body}</checkstyle>`;
}

function element(name: string, attributes: Readonly<Record<string, string>>, end: string): string {
  const shown = Object.entries(attributes).map(([key, value]) => `${key}='${xmlAttribute(value)}' `);
  return `<${name} ${shown.join('')}${end}`;
}
