/** Machine-readable formats for the findings of checks. */
import type { LintReport } from '../../lint/index.ts';
import { VERSION } from '../version.ts';
import type { SourceText } from './diagnostics.ts';

/** `json` is BuildKit's JSON format, `hadolint` is hadolint's JSON format. */
export const REPORT_FORMATS = [
  'json',
  'sarif',
  'hadolint',
  'github',
  'checkstyle',
  'codacy',
  'codeclimate',
  'gitlab_codeclimate',
  'gnu',
  'junit',
  'sonarqube',
] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** `now`: milliseconds since 1970. */
export async function formatReport(
  report: LintReport,
  file: SourceText,
  { format, now }: { readonly format: ReportFormat; readonly now: number },
): Promise<string> {
  const lint = await import('../../lint/index.ts');
  const { name } = file;
  switch (format) {
    case 'github':
      return lint.formatWorkflowCommands(report, name);
    case 'hadolint':
      return `${JSON.stringify(lint.toHadolintJson(report, name))}\n`;
    case 'checkstyle':
      return lint.formatCheckstyle(report, name);
    case 'codacy':
      return lint.formatCodacy(report, name);
    case 'codeclimate':
      return lint.formatCodeClimate(report, name);
    case 'gitlab_codeclimate':
      return `${lint.formatGitlabCodeClimate(report, name)}\n`;
    case 'gnu':
      return lint.formatGnu(report, name);
    case 'junit':
      return lint.formatJunit(report, name, { version: VERSION, time: new Date(now).toISOString().slice(0, 19) });
    case 'sonarqube':
      return `${lint.formatSonarQube(report, name)}\n`;
    case 'sarif':
      return `${JSON.stringify(lint.createSarifLog(report, name, VERSION), undefined, 2)}\n`;
    case 'json':
      return `${JSON.stringify(lint.toCheckJson(report, file), undefined, 2)}\n`;
    default:
      return format satisfies never;
  }
}
