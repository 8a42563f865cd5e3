import { type CodeAction, CodeActionKind, type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { QuickFix } from '../../editor/index.ts';
import type { DocumentReport } from '../../engine/authoring/index.ts';
import type { OpenFile } from './open-file.ts';

type BuildFileDiagnostic = DocumentReport['problems'][number];

export function toProtocolDiagnostics(file: OpenFile, report: DocumentReport): Diagnostic[] {
  return [...report.problems, ...report.advice].map((found) => toProtocolDiagnostic(file, found, report));
}

export function toProtocolAction(
  file: OpenFile,
  { fix, diagnostic, isPreferred }: QuickFix,
  report: DocumentReport,
): CodeAction {
  const edits = fix.edits.map(({ range, text }) => file.edit(spanOf(range), text));
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [toProtocolDiagnostic(file, diagnostic, report)],
    isPreferred,
    edit: { changes: { [file.text.uri]: edits } },
  };
}

function toProtocolDiagnostic(file: OpenFile, found: BuildFileDiagnostic, { advice }: DocumentReport): Diagnostic {
  const [, page] = /^see (.+)$/.exec(found.hint ?? '') ?? [];
  const hint = found.hint === undefined || page !== undefined ? '' : `\n${found.hint}`;
  return {
    range: file.rangeOf(spanOf(found.range)),
    severity: severityOf(found, advice.includes(found)),
    code: found.code,
    ...(page?.startsWith('https:') === true ? { codeDescription: { href: page } } : {}),
    source: 'mkimage',
    message: found.message + hint,
  };
}

/** Advice has severity information, unless the settings raise it to an error. */
function severityOf({ severity }: BuildFileDiagnostic, isAdvice: boolean): DiagnosticSeverity {
  if (severity === 'error') return DiagnosticSeverity.Error;
  return severity === 'warning' && !isAdvice ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information;
}

function spanOf({ start, end }: BuildFileDiagnostic['range']) {
  return { start: start.offset, end: end.offset };
}
