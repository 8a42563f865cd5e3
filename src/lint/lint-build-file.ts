/** `mkimage lint`: findings of BuildKit's checks and of mkimage's own checks for a build file, with fixes. */
import type { BuildFile, Diagnostic, Fix, Instruction } from '../instructions/index.ts';
import type { CheckResult, Finding, PlanRequest, Rule } from '../plan/index.ts';
import { fixesOf } from './fixes/index.ts';
import { codesOf, findBuildkitChecks, findBuildkitCode, toFaultCode } from './hadolint/codes.ts';
import { getDefaultLevel, type Level } from './hadolint/levels.ts';
import type { LintSettings } from './hadolint/settings.ts';
import { createLintFile, type LintFile } from './lint-file.ts';
import { LINT_RULES } from './rules/index.ts';
import { createSkips, namesOf, type Skips } from './skips.ts';

export interface LintInput {
  readonly file: BuildFile;
  /** Text of the file, unchanged. */
  readonly text: string;
  readonly request: Pick<PlanRequest, 'buildArgs' | 'allChecks' | 'contexts'>;
  /** hadolint's settings; undefined if the user has none. */
  readonly settings?: LintSettings | undefined;
}

export interface LintFinding extends Finding {
  readonly fixes: readonly Fix[];
  /** hadolint's code, if hadolint has a rule for the same problem. */
  readonly code?: string;
  /** Only set if there are hadolint settings. Without them, all findings are warnings. */
  readonly level?: Level;
}

/** Both kinds of findings, sorted by position, and the errors that prevent a build. */
export interface LintReport {
  readonly findings: readonly LintFinding[];
  readonly errors: readonly Diagnostic[];
}

/** All checks of mkimage's own. */
export function getLintRules(): readonly (Rule & { readonly code?: string; readonly codes?: readonly string[] })[] {
  return LINT_RULES;
}

/** Names of the checks that correspond to a hadolint code. */
export function findChecks(code: string): readonly string[] {
  const asked = code.toUpperCase();
  return [
    ...LINT_RULES.filter((rule) => codesOf(rule).includes(asked)).map(({ name }) => name),
    ...findBuildkitChecks(asked),
  ];
}

/** `checked`: results of BuildKit's checks, which the plan has already run. */
export function lintBuildFile({ file, text, request, settings }: LintInput, checked: CheckResult): LintReport {
  const lintFile = createLintFile(file, text, {
    contexts: Object.keys(request.contexts),
    ...(settings && { settings }),
  });
  const skips = createSkips(file, lintFile.source.text, { request, settings: lintFile.settings });
  const findings = [...listBuildkitFindings(lintFile, checked.findings, skips), ...listOwnFindings(lintFile, skips)];
  const errors = checked.errors.filter(
    (fault) => !skips.isIgnored([toFaultCode(fault)], findInstructionAround(file, fault)),
  );
  const leveled = settings === undefined ? findings : findings.map((finding) => withLevel(finding, settings));
  return { findings: leveled.toSorted(compareByPlace), errors };
}

function listBuildkitFindings(lintFile: LintFile, findings: readonly Finding[], skips: Skips): readonly LintFinding[] {
  const at = new Map<number, Instruction>();
  for (const instruction of lintFile.file.instructions) at.set(instruction.range.start.offset, instruction);
  return findings.flatMap((finding) => {
    const instruction = at.get(finding.range.start.offset);
    const code = findBuildkitCode(finding);
    if (skips.isIgnored(namesOf(finding.rule, code), instruction)) return [];
    return [{ ...finding, ...withCode(code), fixes: fixesOf(finding, instruction, lintFile) }];
  });
}

function listOwnFindings(lintFile: LintFile, skips: Skips): readonly LintFinding[] {
  return LINT_RULES.flatMap((rule) =>
    [...rule.find(lintFile)].flatMap(({ instruction, detail, range, fixes = [], code = rule.code }) =>
      skips.isWanted(rule, namesOf(rule, code), instruction) ? [{ rule, detail, range, fixes, ...withCode(code) }] : [],
    ),
  );
}

function withCode(code: string | undefined): { readonly code?: string } {
  return code === undefined ? {} : { code };
}

function withLevel(finding: LintFinding, { levels }: LintSettings): LintFinding {
  const [given] = namesOf(finding.rule, finding.code).flatMap((name) => levels.get(name) ?? []);
  return { ...finding, level: given ?? getDefaultLevel(finding.code ?? '') };
}

/** The position of an error can be anywhere inside the instruction, not only at its start. */
function findInstructionAround({ instructions }: BuildFile, { range }: Diagnostic): Instruction | undefined {
  return instructions.findLast((instruction) => instruction.range.start.offset <= range.start.offset);
}

function compareByPlace(a: LintFinding, b: LintFinding): number {
  return a.range.start.offset - b.range.start.offset || (a.rule.name < b.rule.name ? -1 : 1);
}

/** Converts findings (with their fixes) and errors to diagnostics, sorted by position. */
export function toLintDiagnostics({ findings, errors }: LintReport): readonly Diagnostic[] {
  const warnings = findings.map(({ rule, detail, range, fixes, level = 'warning' }): Diagnostic => {
    const hint = {
      hint: `see ${rule.url.startsWith('https:') ? rule.url : `\`mkimage lint --explain ${rule.name}\``}`,
    };
    const withFixes = fixes.length === 0 ? {} : { fixes };
    return { severity: level, code: rule.name, message: detail, ...hint, range, ...withFixes };
  });
  return [...warnings, ...errors].toSorted((a, b) => a.range.start.offset - b.range.start.offset);
}
