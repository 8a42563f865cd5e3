/** Forms in which programs read what checks find. */
import type { LintReport } from '../lint/index.ts';
import type { SourceText } from './diagnostics.ts';
import { VERSION } from './version.ts';

/** `json` is BuildKit's. */
export const REPORT_FORMATS = ['json', 'sarif', 'hadolint', 'github'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export async function reportText(report: LintReport, file: SourceText, format: ReportFormat): Promise<string> {
  const { hadolintJson, sarifLog, workflowCommands } = await import('../lint/index.ts');
  switch (format) {
    case 'github':
      return workflowCommands(report, file.name);
    case 'hadolint':
      return `${JSON.stringify(hadolintJson(report, file.name))}\n`;
    case 'sarif':
      return `${JSON.stringify(sarifLog(report, file.name, VERSION), undefined, 2)}\n`;
    case 'json': {
      const { checkJson } = await import('../plan/index.ts');
      return `${JSON.stringify(checkJson(report, file), undefined, 2)}\n`;
    }
    default:
      return format satisfies never;
  }
}
