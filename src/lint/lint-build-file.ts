/** `mkimage lint`: what BuildKit's checks and mkimage's own have to say of a build file, with ways to mend it. */
import type { BuildFile, Diagnostic, Fix, Instruction } from '../instructions/index.ts';
import type { CheckResult, Finding, PlanRequest, Rule } from '../plan/index.ts';
import { fixesOf } from './fixes/index.ts';
import { codesOf, faultCode, plannedChecksOf, plannedCode } from './hadolint/codes.ts';
import { defaultLevel, type Level } from './hadolint/levels.ts';
import type { LintSettings } from './hadolint/settings.ts';
import { createLintFile, type LintFile } from './lint-file.ts';
import { LINT_RULES } from './rules/index.ts';
import { createSkips, namesOf, type Skips } from './skips.ts';

export interface LintInput {
  readonly file: BuildFile;
  /** Of the file, as it was read. */
  readonly text: string;
  readonly request: Pick<PlanRequest, 'buildArgs' | 'allChecks' | 'contexts'>;
  /** hadolint's, if there are any. */
  readonly settings?: LintSettings | undefined;
}

export interface LintFinding extends Finding {
  readonly fixes: readonly Fix[];
  /** hadolint's, for what it has a rule for, too. */
  readonly code?: string;
  /** Only under hadolint's settings; else all findings are warnings. */
  readonly level?: Level;
}

/** Both kinds of findings in the order of the text, and why the file could not be built. */
export interface LintReport {
  readonly findings: readonly LintFinding[];
  readonly errors: readonly Diagnostic[];
}

/** Every check that there is, in the order of names. */
export function lintRules(): readonly (Rule & { readonly code?: string; readonly codes?: readonly string[] })[] {
  return LINT_RULES;
}

/** Names of the checks that one of hadolint's codes stands for. */
export function checksOf(code: string): readonly string[] {
  const asked = code.toUpperCase();
  return [
    ...LINT_RULES.filter((rule) => codesOf(rule).includes(asked)).map(({ name }) => name),
    ...plannedChecksOf(asked),
  ];
}

/** `checked` is what the plan says: BuildKit's checks have been made already. */
export function lintBuildFile({ file, text, request, settings }: LintInput, checked: CheckResult): LintReport {
  const lintFile = createLintFile(file, text, Object.keys(request.contexts), settings);
  const skips = createSkips(file, lintFile.source.text, request, lintFile.settings);
  const findings = [...plannedFindings(lintFile, checked.findings, skips), ...ownFindings(lintFile, skips)];
  const errors = checked.errors.filter((fault) => !skips.isIgnored([faultCode(fault)], instructionAround(file, fault)));
  const leveled = settings === undefined ? findings : findings.map((finding) => withLevel(finding, settings));
  return { findings: leveled.toSorted(byPlace), errors };
}

function plannedFindings(lintFile: LintFile, findings: readonly Finding[], skips: Skips): readonly LintFinding[] {
  const at = new Map<number, Instruction>();
  for (const instruction of lintFile.file.instructions) at.set(instruction.range.start.offset, instruction);
  return findings.flatMap((finding) => {
    const instruction = at.get(finding.range.start.offset);
    const code = plannedCode(finding);
    if (skips.isIgnored(namesOf(finding.rule, code), instruction)) return [];
    return [{ ...finding, ...withCode(code), fixes: fixesOf(finding, instruction, lintFile) }];
  });
}

function ownFindings(lintFile: LintFile, skips: Skips): readonly LintFinding[] {
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
  return { ...finding, level: given ?? defaultLevel(finding.code ?? '') };
}

/** A fault may stand anywhere inside. */
function instructionAround({ instructions }: BuildFile, { range }: Diagnostic): Instruction | undefined {
  return instructions.findLast((instruction) => instruction.range.start.offset <= range.start.offset);
}

function byPlace(a: LintFinding, b: LintFinding): number {
  return a.range.start.offset - b.range.start.offset || (a.rule.name < b.rule.name ? -1 : 1);
}

/** Findings and errors as diagnostics in the order of the text; fixes included. */
export function lintDiagnostics({ findings, errors }: LintReport): readonly Diagnostic[] {
  const warnings = findings.map(({ rule, detail, range, fixes, level = 'warning' }): Diagnostic => {
    const hint = {
      hint: `see ${rule.url.startsWith('https:') ? rule.url : `\`mkimage lint --explain ${rule.name}\``}`,
    };
    const mends = fixes.length === 0 ? {} : { fixes };
    return { severity: level, code: rule.name, message: detail, ...hint, range, ...mends };
  });
  return [...warnings, ...errors].toSorted((a, b) => a.range.start.offset - b.range.start.offset);
}
