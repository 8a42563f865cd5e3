import type { Diagnostic } from '../../instructions/index.ts';
import { type LintReport, lintDiagnostics } from '../lint-build-file.ts';

/** Lines that GitHub's runner turns into annotations: `::warning file=…,line=…::message`. */
export function workflowCommands(report: LintReport, file: string): string {
  return lintDiagnostics(report)
    .map((found) => `${workflowCommand(found, file)}\n`)
    .join('');
}

function workflowCommand({ severity, code, message, range: { start, end } }: Diagnostic, file: string): string {
  const columns = start.line === end.line ? { col: start.column, endColumn: end.column } : {};
  const properties = { file, line: start.line, endLine: end.line, ...columns, title: code };
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  const command = severity === 'info' || severity === 'style' ? 'notice' : severity;
  return `::${command} ${shown.join(',')}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
