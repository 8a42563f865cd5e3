/** `mkimage lint`: what BuildKit's checks and mkimage's own have to say of a build file, with ways to mend it. */
import type { BuildFile, Diagnostic, Fix, Instruction } from '../instructions/index.ts';
import type { CheckResult, Finding, PlanRequest, Rule } from '../plan/index.ts';
import { fixesOf } from './fixes/index.ts';
import { createLintFile, type LintFile } from './lint-file.ts';
import { LINT_RULES } from './rules/index.ts';
import { createSkips, type Skips } from './skips.ts';

export interface LintInput {
  readonly file: BuildFile;
  /** Of the file, as it was read. */
  readonly text: string;
  readonly request: Pick<PlanRequest, 'buildArgs' | 'allChecks' | 'contexts'>;
}

export interface LintFinding extends Finding {
  readonly fixes: readonly Fix[];
}

/** Both kinds of findings in the order of the text, and why the file could not be built. */
export interface LintReport {
  readonly findings: readonly LintFinding[];
  readonly errors: readonly Diagnostic[];
}

/** Every check that there is, in the order of names. */
export function lintRules(): readonly (Rule & { readonly code?: string })[] {
  return LINT_RULES;
}

/** `checked` is what the plan says: BuildKit's checks have been made already. */
export function lintBuildFile({ file, text, request }: LintInput, checked: CheckResult): LintReport {
  const lintFile = createLintFile(file, text, Object.keys(request.contexts));
  const skips = createSkips(file, lintFile.source.text, request);
  const findings = [...plannedFindings(lintFile, checked.findings, skips), ...ownFindings(lintFile, skips)];
  return { findings: findings.toSorted(byPlace), errors: checked.errors };
}

function plannedFindings(lintFile: LintFile, findings: readonly Finding[], skips: Skips): readonly LintFinding[] {
  const at = new Map<number, Instruction>();
  for (const instruction of lintFile.file.instructions) at.set(instruction.range.start.offset, instruction);
  return findings.flatMap((finding) => {
    const instruction = at.get(finding.range.start.offset);
    if (skips.isIgnored(finding.rule, instruction ?? { comments: [] })) return [];
    return [{ ...finding, fixes: fixesOf(finding, instruction, lintFile) }];
  });
}

function ownFindings(lintFile: LintFile, skips: Skips): readonly LintFinding[] {
  return LINT_RULES.flatMap((rule) =>
    [...rule.find(lintFile)].flatMap(({ instruction, detail, range, fixes = [] }) =>
      skips.isWanted(rule, instruction) ? [{ rule, detail, range, fixes }] : [],
    ),
  );
}

function byPlace(a: LintFinding, b: LintFinding): number {
  return a.range.start.offset - b.range.start.offset || (a.rule.name < b.rule.name ? -1 : 1);
}

/** Findings and errors as diagnostics in the order of the text; fixes included. */
export function lintDiagnostics({ findings, errors }: LintReport): readonly Diagnostic[] {
  const warnings = findings.map(({ rule, detail, range, fixes }): Diagnostic => {
    const hint = rule.url === '' ? {} : { hint: `see ${rule.url}` };
    const mends = fixes.length === 0 ? {} : { fixes };
    return { severity: 'warning', code: rule.name, message: detail, ...hint, range, ...mends };
  });
  return [...warnings, ...errors].toSorted((a, b) => a.range.start.offset - b.range.start.offset);
}
