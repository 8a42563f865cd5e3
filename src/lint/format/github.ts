import type { Diagnostic } from '../../instructions/index.ts';
import { type LintReport, toLintDiagnostics } from '../lint-build-file.ts';

/** Lines that GitHub's runner turns into annotations: `::warning file=…,line=…::message`. */
export function formatWorkflowCommands(report: LintReport, file: string): string {
  return toLintDiagnostics(report)
    .map((found) => `${formatWorkflowCommand(found, file)}\n`)
    .join('');
}

function formatWorkflowCommand({ severity, code, message, range: { start, end } }: Diagnostic, file: string): string {
  const columns = start.line === end.line ? { col: start.column, endColumn: end.column } : {};
  const properties = { file, line: start.line, endLine: end.line, ...columns, title: code };
  const shown = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  const command = severity === 'info' || severity === 'style' ? 'notice' : severity;
  return `::${command} ${shown.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
