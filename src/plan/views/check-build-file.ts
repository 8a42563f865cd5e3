/** `--check`: what there is to say of a build file, without building it. */
import type { BuildFile, Diagnostic } from '../../instructions/index.ts';
import { analyse } from '../analyse.ts';
import type { Step } from '../build-plan.ts';
import type { Asking, PlanRequest } from '../request.ts';
import { type Finding, findingWarnings } from '../rules/checker.ts';
import { base64, type LocationJson, locationJson, type SourceText } from './location-json.ts';

export interface CheckResult {
  readonly findings: readonly Finding[];
  /** Why it could not be built; with `# check=error=true` also the findings. */
  readonly errors: readonly Diagnostic[];
}

/** Looks at all stages, or, with a target, at what it needs. A base that cannot be had counts as one that sets PATH. */
export function* checkBuildFile(file: BuildFile, request: PlanRequest): Asking<CheckResult> {
  const allStages = request.target === undefined || request.target === '';
  const outcome = yield* analyse({ file, request, allStages, standsIn: true });
  const errors = outcome.kind === 'errors' ? outcome.diagnostics : [];
  const findings = outcome.kind === 'errors' ? outcome.findings : outcome.analysis.findings;
  return { findings, errors };
}

/** The steps of the stages that the target needs, with bases as for `checkBuildFile`; none if the file has errors. */
export function* neededSteps(file: BuildFile, request: PlanRequest): Asking<readonly Step[]> {
  const outcome = yield* analyse({ file, request, allStages: false, standsIn: true });
  if (outcome.kind === 'errors') return [];
  return [...outcome.analysis.stages.values()].flatMap(({ state }) => [...state.steps]);
}

/** Findings and errors as diagnostics, for a code frame. */
export function checkDiagnostics({ findings, errors }: CheckResult): readonly Diagnostic[] {
  return [...findingWarnings(findings), ...errors];
}

interface LocatedJson extends LocationJson {
  readonly sourceIndex?: number;
}

/** BuildKit's answer to `frontend.lint`. */
export interface CheckJson {
  readonly warnings: readonly {
    readonly ruleName: string;
    readonly description: string;
    readonly url?: string;
    readonly detail: string;
    readonly location: LocatedJson;
  }[];
  readonly sources: readonly { readonly filename: string; readonly language: string; readonly data: string }[];
  readonly buildError?: { readonly message: string; readonly location: LocatedJson };
}

/** The answer of `--check` with `format=json`. Only the first error is told, as BuildKit does. */
export function checkJson({ findings, errors }: CheckResult, source: SourceText): CheckJson {
  const [error] = errors;
  return {
    warnings: findings.map(({ rule, detail, range }) => ({
      ruleName: rule.name,
      description: rule.description,
      ...(rule.url.startsWith('https:') ? { url: rule.url } : {}),
      detail,
      location: locationJson(range),
    })),
    sources: [{ filename: source.name, language: 'Dockerfile', data: base64(source.text) }],
    ...(error && { buildError: { message: error.message, location: locationJson(error.range) } }),
  };
}
