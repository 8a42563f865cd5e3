import type { BuildFile, Diagnostic, Instruction, Range } from '../../instructions/index.ts';
import type { PlanRequest } from '../request.ts';
import { buildArg } from '../stages/global-args.ts';
import { type CheckOptions, mergeCheckOptions, optionsInComment, parseCheckOptions } from './check-options.ts';
import type { Misspelling, Report, Rule } from './rule.ts';

/** Something a check has to say. */
export interface Finding {
  readonly rule: Rule;
  readonly detail: string;
  readonly range: Range;
  readonly misspelling?: Misspelling;
}

/** Gathers what checks find, as far as it is wanted. */
export interface Checker {
  readonly options: CheckOptions;
  readonly findings: readonly Finding[];
  readonly report: Report;
  /** Reports under the options of the comments above one instruction, too. */
  above(instruction: Pick<Instruction, 'comments'>): Report;
}

/** Options come from the build argument BUILDKIT_DOCKERFILE_CHECK, else from the directive. Throws a Fault. */
export function fileCheckOptions(
  file: Pick<BuildFile, 'directives'>,
  { buildArgs, allChecks }: Pick<PlanRequest, 'buildArgs' | 'allChecks'>,
): CheckOptions {
  const directive = file.directives.find(({ name }) => name === 'check')?.value;
  const options = parseCheckOptions(buildArg(buildArgs, 'BUILDKIT_DOCKERFILE_CHECK') ?? directive ?? '');
  return allChecks ? { ...options, experimental: 'all' } : options;
}

/** Throws a Fault for options that cannot be read. */
export function createChecker(file: BuildFile, request: PlanRequest): Checker {
  const options = fileCheckOptions(file, request);
  const findings: Finding[] = [];
  const reportUnder = (active: CheckOptions): Report => {
    return (rule, detail, range, misspelling) => {
      if (isOn(rule, active)) findings.push({ rule, detail, range, ...(misspelling && { misspelling }) });
    };
  };
  const report = reportUnder(options);
  return {
    options,
    findings,
    report,
    above: ({ comments }) => {
      const more = comments.map(({ text }) => optionsInComment(text)).find((found) => found !== undefined);
      return more === undefined ? report : reportUnder(mergeCheckOptions(options, more));
    },
  };
}

function isOn(rule: Rule, { skip, experimental }: CheckOptions): boolean {
  if (rule.experimental) return experimental === 'all' || experimental.has(rule.name);
  return skip !== 'all' && !skip.has(rule.name);
}

/** Findings as warnings. */
export function findingWarnings(findings: readonly Finding[]): readonly Diagnostic[] {
  return findings.map(({ rule, detail, range }) => ({
    severity: 'warning',
    code: rule.name,
    message: detail,
    ...(rule.url === '' ? {} : { hint: `see ${rule.url}` }),
    range,
  }));
}

/** With `error=true`, findings are a fault of the file. */
export function findingsFault({ options, findings }: Checker): Diagnostic | undefined {
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
