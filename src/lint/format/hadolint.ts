import { codesOf } from '../hadolint-codes.ts';
import type { LintReport } from '../lint-build-file.ts';

/** One finding as `hadolint --format json` writes it. */
export interface HadolintJson {
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly column: number;
  readonly file: string;
  readonly level: 'error' | 'warning';
}

/** With hadolint's code where it has one, else the name of the check. */
export function hadolintJson({ findings, errors }: LintReport, file: string): readonly HadolintJson[] {
  const place = ({ range: { start } }: LintReport['findings'][number] | LintReport['errors'][number]) => ({
    line: start.line,
    column: start.column,
    file,
  });
  return [
    ...errors.map((found) => ({ ...place(found), code: found.code, message: found.message, level: 'error' }) as const),
    ...findings.map((found) => {
      const code = codesOf(found.rule)[0] ?? found.rule.name;
      return { ...place(found), code, message: found.detail, level: 'warning' } as const;
    }),
  ];
}
