import type { BuildFile, Diagnostic, Instruction } from '../../instructions/index.ts';
import type { PlanRequest } from '../request.ts';
import { findBuildArg } from '../stages/global-args.ts';
import { type CheckOptions, mergeCheckOptions, parseCheckOptions, readCheckComment } from './check-options.ts';
import type { Finding, Report, Rule } from './rule.ts';

/** Collects the findings of checks that are not skipped. */
export interface Checker {
  readonly options: CheckOptions;
  readonly findings: readonly Finding[];
  readonly report: Report;
  /** A report function that also applies the options in comments above the instruction. */
  reportFor(instruction: Pick<Instruction, 'comments'>): Report;
}

/** Reads the build argument BUILDKIT_DOCKERFILE_CHECK, or the directive if it is not set. Throws a Fault. */
export function readFileCheckOptions(
  file: Pick<BuildFile, 'directives'>,
  { buildArgs, allChecks }: Pick<PlanRequest, 'buildArgs' | 'allChecks'>,
): CheckOptions {
  const directive = file.directives.find(({ name }) => name === 'check')?.value;
  const options = parseCheckOptions(findBuildArg(buildArgs, 'BUILDKIT_DOCKERFILE_CHECK') ?? directive ?? '');
  return allChecks ? { ...options, experimental: 'all' } : options;
}

/** Throws a Fault for invalid options. */
export function createChecker(file: BuildFile, request: PlanRequest): Checker {
  const options = readFileCheckOptions(file, request);
  const findings: Finding[] = [];
  const reportUnder =
    (active: CheckOptions): Report =>
    (finding) => {
      if (isOn(finding.rule, active)) findings.push(finding);
    };
  const report = reportUnder(options);
  return {
    options,
    findings,
    report,
    reportFor: ({ comments }) => {
      const more = comments.map(({ text }) => readCheckComment(text)).find((found) => found !== undefined);
      return more === undefined ? report : reportUnder(mergeCheckOptions(options, more));
    },
  };
}

function isOn(rule: Rule, { skip, experimental }: CheckOptions): boolean {
  if (rule.experimental) return experimental === 'all' || experimental.has(rule.name);
  return skip !== 'all' && !skip.has(rule.name);
}

/** Findings as warnings. */
export function toFindingWarnings(findings: readonly Finding[]): readonly Diagnostic[] {
  return findings.map(({ rule, detail, range }) => ({
    severity: 'warning',
    code: rule.name,
    message: detail,
    ...(rule.url === '' ? {} : { hint: `see ${rule.url}` }),
    range,
  }));
}

/** With `error=true`, findings are an error. */
export function createFindingsDiagnostic({ options, findings }: Checker): Diagnostic | undefined {
  const [first] = findings;
  if (!options.error || !first) return undefined;
  const names = [...new Set(findings.map(({ rule }) => rule.name))].join(', ');
  return {
    severity: 'error',
    code: 'check-failed',
    message: `lint violation found for rules: ${names}`,
    range: first.range,
  };
}
