/** Findings in hadolint's JSON form. All of hadolint's other formats are built from it, so that they contain the same texts. */
import { codesOf, faultCode } from '../hadolint/codes.ts';
import { defaultLevel, type Level } from '../hadolint/levels.ts';
import type { LintReport } from '../lint-build-file.ts';

/** One finding as `hadolint --format json` writes it. */
export interface HadolintJson {
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly column: number;
  readonly file: string;
  readonly level: Level;
}

/** `code`: hadolint's code, or the name of the check if there is none. `level`: from the settings, or hadolint's default. */
export function hadolintJson({ findings, errors }: LintReport, file: string): readonly HadolintJson[] {
  const faults = errors.map((fault): HadolintJson => {
    const { line, column } = fault.range.start;
    return { line, column, file, code: faultCode(fault), message: fault.message, level: 'error' };
  });
  const found = findings.map(({ rule, code, detail, range, level }): HadolintJson => {
    const { line, column } = range.start;
    const known = code ?? codesOf(rule)[0] ?? rule.name;
    return { line, column, file, code: known, message: detail, level: level ?? defaultLevel(known) };
  });
  return [...faults, ...found];
}
