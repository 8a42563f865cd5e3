/** `--check`: checks a build file without building it. */
import type { BuildFile, Diagnostic } from '../../instructions/index.ts';
import { analyse } from '../analyse.ts';
import type { Step } from '../build-plan.ts';
import type { Asking, PlanRequest } from '../request.ts';
import { toFindingWarnings } from '../rules/checker.ts';
import type { Finding } from '../rules/rule.ts';
import { encodeBase64, type LocationJson, type SourceText, toLocationJson } from './location-json.ts';

export interface CheckResult {
  readonly findings: readonly Finding[];
  /** Errors that prevent a build. With `# check=error=true` also the findings. */
  readonly errors: readonly Diagnostic[];
}

/** Checks all stages, or, with a target, the stages that it needs. A base that is not available counts as an image that sets PATH. */
export function* checkBuildFile(file: BuildFile, request: PlanRequest): Asking<CheckResult> {
  const allStages = request.target === undefined || request.target === '';
  const outcome = yield* analyse({ file, request, allStages, standsIn: true });
  const errors = outcome.kind === 'errors' ? outcome.diagnostics : [];
  const findings = outcome.kind === 'errors' ? outcome.findings : outcome.analysis.findings;
  return { findings, errors };
}

/** The steps of the stages that the target needs; none if the file has errors. Bases as for `checkBuildFile`. */
export function* findNeededSteps(file: BuildFile, request: PlanRequest): Asking<readonly Step[]> {
  const outcome = yield* analyse({ file, request, allStages: false, standsIn: true });
  if (outcome.kind === 'errors') return [];
  return [...outcome.analysis.stages.values()].flatMap(({ state }) => [...state.steps]);
}

/** Findings and errors as diagnostics. */
export function toCheckDiagnostics({ findings, errors }: CheckResult): readonly Diagnostic[] {
  return [...toFindingWarnings(findings), ...errors];
}

interface LocatedJson extends LocationJson {
  readonly sourceIndex?: number;
}

/** BuildKit's response to `frontend.lint`. */
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

/** Output of `--check` with `format=json`. Like BuildKit, it contains the first error only. */
export function toCheckJson({ findings, errors }: CheckResult, source: SourceText): CheckJson {
  const [error] = errors;
  return {
    warnings: findings.map(({ rule, detail, range }) => ({
      ruleName: rule.name,
      description: rule.description,
      ...(rule.url.startsWith('https:') ? { url: rule.url } : {}),
      detail,
      location: toLocationJson(range),
    })),
    sources: [{ filename: source.name, language: 'Dockerfile', data: encodeBase64(source.text) }],
    ...(error && { buildError: { message: error.message, location: toLocationJson(error.range) } }),
  };
}
