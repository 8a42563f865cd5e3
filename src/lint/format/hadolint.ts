/** Findings in hadolint's JSON form. All of hadolint's other formats are built from it, so that they contain the same texts. */
import { codesOf, toFaultCode } from '../hadolint/codes.ts';
import { getDefaultLevel, type Level } from '../hadolint/levels.ts';
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
export function toHadolintJson({ findings, errors }: LintReport, file: string): readonly HadolintJson[] {
  const faults = errors.map((fault): HadolintJson => {
    const { line, column } = fault.range.start;
    return { line, column, file, code: toFaultCode(fault), message: fault.message, level: 'error' };
  });
  const found = findings.map(({ rule, code, detail, range, level }): HadolintJson => {
    const { line, column } = range.start;
    const known = code ?? codesOf(rule)[0] ?? rule.name;
    return { line, column, file, code: known, message: detail, level: level ?? getDefaultLevel(known) };
  });
  return [...faults, ...found];
}
