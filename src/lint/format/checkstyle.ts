import type { LintReport } from '../lint-build-file.ts';
import { toHadolintJson } from './hadolint.ts';
import { escapeXmlAttribute } from './xml.ts';

/** Checkstyle's XML on one line, as hadolint writes it. */
export function formatCheckstyle(report: LintReport, file: string): string {
  const errors = toHadolintJson(report, file).map(({ line, column, level, message, code }) =>
    formatElement(
      'error',
      { line: String(line), column: String(column), severity: level, message, source: code },
      '/>',
    ),
  );
  const body = errors.length === 0 ? '' : `${formatElement('file', { name: file }, '>')}${errors.join('')}</file>`;
  return `<?xml version='1.0' encoding='UTF-8'?><checkstyle version='4.3'>${body}</checkstyle>`;
}

function formatElement(name: string, attributes: Readonly<Record<string, string>>, end: string): string {
  const shown = Object.entries(attributes).map(([key, value]) => `${key}='${escapeXmlAttribute(value)}' `);
  return `<${name} ${shown.join('')}${end}`;
}
