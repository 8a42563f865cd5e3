import type { LintReport } from '../lint-build-file.ts';
import { type HadolintJson, toHadolintJson } from './hadolint.ts';
import { escapeXmlAttribute, escapeXmlText } from './xml.ts';

export interface JunitRun {
  /** Version of mkimage. */
  readonly version: string;
  /** Time of the run in UTC: `2026-01-31T12:00:00`. */
  readonly time: string;
}

/** JUnit XML. Each finding is a failed test case. */
export function formatJunit(report: LintReport, file: string, { version, time }: JunitRun): string {
  const [date = '', clock = ''] = time.split('T');
  const id = `${date.replaceAll('-', '')}_${clock.replaceAll(':', '')}`;
  const run = formatAttributes({ id, name: `mkimage run at ${date} ${clock}`, time: '0.001' });
  const suite = formatAttributes({
    id: 'hadolint',
    name: `mkimage ${version}`,
    time: '0.001',
    failures: String(report.findings.length + report.errors.length),
    errors: String(report.errors.length),
  });
  const cases = toHadolintJson(report, file).map((found, index) => formatTestCase(found, index < report.errors.length));
  return (
    `<?xml version="1.0" encoding="UTF-8"?><testsuites${run}><testsuite${suite}>` +
    `${cases.join('')}</testsuite></testsuites>\n`
  );
}

/** `isFault`: an error of the file, not a finding of a check. Errors come before findings in the report. */
function formatTestCase({ code, file, line, column, message, level }: HadolintJson, isFault: boolean): string {
  const outer = isFault ? { id: 'hadolint.error', name: code } : { id: `hadolint.rule.${code}`, name: code };
  const inner = isFault
    ? { type: level, message: `parse error at line ${line}, column ${column}` }
    : { type: level, message, id: code };
  const lines = isFault
    ? [`Parse Error in ${file}`, `Line: ${line}`, `Column: ${column}`, `Parse Error: ${message}`]
    : [`File: ${file}`, `Line: ${line}`, 'Category: Hadolint - Dockerfile Static Analysis', `${level}: ${message}`];
  const text = escapeXmlText(`${lines.join('\n')}\n`);
  const failure = `<failure${formatAttributes(inner)}>${text}</failure>`;
  return `<testcase${formatAttributes({ ...outer, time: '0.001' })}>${failure}</testcase>`;
}

function formatAttributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXmlAttribute(value)}"`)
    .join('');
}
