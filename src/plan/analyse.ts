/** Turns a build file into lowered stages. Plan, checks and outline are views of the result. */
import type { BuildFile, Diagnostic, Range } from '../instructions/index.ts';
import { type LoweredStage, lowerStage } from './lower/lower-stage.ts';
import type { Answers, Asking, BaseAnswer, PlanRequest } from './request.ts';
import { type Checker, createChecker, createFindingsDiagnostic } from './rules/checker.ts';
import { checkFile } from './rules/file-checks.ts';
import { checkInvalidDefaultArg } from './rules/from/invalid-default-arg-in-from.ts';
import type { Finding } from './rules/rule.ts';
import { resolveEpoch } from './stages/epoch.ts';
import { type EvaluatedFrom, evaluateFrom } from './stages/from.ts';
import { createAutomaticArgs, evaluateGlobals, type GlobalArgs } from './stages/global-args.ts';
import { buildNodes, findCycle, type StageNode } from './stages/graph.ts';
import { withPlaceholderImages } from './stages/placeholder-images.ts';
import { type ResolveInput, resolveNeeded } from './stages/resolve.ts';
import { type StagedFile, type StageSource, splitStages } from './stages/stage.ts';
import { findTarget } from './stages/target.ts';
import { collectFault } from './words/fault.ts';
import { createMeter } from './words/meter.ts';

export interface Analysis {
  readonly target: StageSource;
  /** Needed stages, in file order. */
  readonly stages: ReadonlyMap<number, LoweredStage>;
  readonly epoch: number | undefined;
  readonly findings: readonly Finding[];
}

export type AnalysisOutcome =
  | { readonly kind: 'errors'; readonly diagnostics: readonly Diagnostic[]; readonly findings: readonly Finding[] }
  | { readonly kind: 'analysed'; readonly analysis: Analysis };

export interface AnalysisInput {
  readonly file: BuildFile;
  readonly request: PlanRequest;
  /** Analyse every stage, also stages that the target does not need. */
  readonly allStages: boolean;
  /** Use an empty image in place of each base that is not available. */
  readonly standsIn: boolean;
}

const FILE_START: Range = {
  start: { line: 1, column: 1, offset: 0 },
  end: { line: 1, column: 1, offset: 0 },
};

/**
 * Collects errors step by step. A step runs only if the step before it found no error. Asks for bases after all steps that do not
 * need bases; these steps are not repeated.
 */
export function* analyse(input: AnalysisInput): Asking<AnalysisOutcome> {
  const { file, request } = input;
  const diagnostics: Diagnostic[] = file.diagnostics.filter(({ severity }) => severity === 'error');
  const checker = collectFault(diagnostics, findDirectiveRange(file), () => createChecker(file, request));
  const createFailure = () => ({ kind: 'errors', diagnostics, findings: checker?.findings ?? [] }) as const;
  const staged = splitStages(file);
  if (checker) checkFile(file, staged, checker);
  if (diagnostics.length > 0 || !checker) return createFailure();
  if (staged.stages.length === 0) {
    diagnostics.push(createNoStageDiagnostic());
    return createFailure();
  }
  const evaluated = evaluateFile(staged, request, { checker, diagnostics });
  if (!evaluated || diagnostics.length > 0) return createFailure();
  const settled = { ...input, request: { ...request, buildArgs: evaluated.buildArgs } };
  return (yield* lowerStages(staged, evaluated, { ...settled, checker, diagnostics })) ?? createFailure();
}

function findDirectiveRange(file: BuildFile): Range {
  return file.directives.find(({ name }) => name === 'check')?.range ?? FILE_START;
}

function createNoStageDiagnostic(): Diagnostic {
  return {
    severity: 'error',
    code: 'no-stage',
    message: 'dockerfile contains no stages to build',
    hint: 'begin a stage with `FROM image`',
    range: FILE_START,
  };
}

/** Where an analysis collects what is wrong with the build file. */
interface Collectors {
  readonly checker: Checker;
  readonly diagnostics: Diagnostic[];
}

interface EvaluatedFile {
  readonly globals: GlobalArgs;
  readonly epoch: number | undefined;
  readonly buildArgs: PlanRequest['buildArgs'];
  readonly froms: ReadonlyMap<StageSource, EvaluatedFrom>;
}

/** Evaluates everything outside of stages: global ARGs and FROM. */
function evaluateFile(
  staged: StagedFile,
  request: PlanRequest,
  { checker, diagnostics }: Collectors,
): EvaluatedFile | undefined {
  const automatic = createAutomaticArgs(request, request.target ?? staged.stages.at(-1)?.name);
  checkInvalidDefaultArg(staged, automatic, checker.report);
  const globalRange = staged.globals[0]?.range ?? FILE_START;
  const evaluate = () => evaluateGlobals(automatic, staged.globals, request.buildArgs);
  const evaluated = collectFault(diagnostics, globalRange, evaluate);
  if (!evaluated) return undefined;
  const settled = collectFault(diagnostics, globalRange, () => resolveEpoch(request, evaluated, staged.stages));
  const globals = { ...evaluated, scope: settled?.scope ?? evaluated.scope };
  const froms = new Map<StageSource, EvaluatedFrom>();
  for (const stage of staged.stages) {
    const read = () => evaluateFrom(stage, { globals, request, report: checker.reportFor(stage.from) });
    const from = collectFault(diagnostics, stage.from.range, read);
    if (from) froms.set(stage, from);
  }
  return { globals, epoch: settled?.epoch, buildArgs: settled?.buildArgs ?? request.buildArgs, froms };
}

/** Returns undefined if there are errors. */
function* lowerStages(
  { stages }: StagedFile,
  { globals, epoch, froms }: EvaluatedFile,
  input: AnalysisInput & Collectors,
): Asking<AnalysisOutcome | undefined> {
  const { request, checker, diagnostics } = input;
  const nodes = buildNodes(stages, diagnostics, { froms, request });
  const cycle = findCycle(nodes);
  if (cycle) diagnostics.push(cycle);
  const target = collectFault(diagnostics, stages.at(-1)!.from.range, () => findTarget(stages, request.target));
  if (!target || diagnostics.length > 0) return undefined;
  const roots = input.allStages ? stages : [target];
  const known = yield* resolveAll({ ...input, stages, nodes, roots }, input.standsIn);
  if (known === undefined) return undefined;
  const { bases } = known.answers;
  const done = new Map<number, LoweredStage>();
  const meter = createMeter();
  for (const node of known.nodes) {
    done.set(node.source.id, lowerStage(node, { request, globals, bases, checker, meter, diagnostics, done }));
  }
  const fault = createFindingsDiagnostic(checker);
  if (fault) diagnostics.push(fault);
  if (diagnostics.length > 0) return undefined;
  return { kind: 'analysed', analysis: { target, stages: done, epoch, findings: checker.findings } };
}

/** Asks for bases until all needed bases are known. Returns undefined if there are errors. */
function* resolveAll(
  input: Omit<ResolveInput, 'answers'>,
  standsIn: boolean,
): Asking<{ readonly nodes: readonly StageNode[]; readonly answers: Answers } | undefined> {
  let answers: Answers = { bases: new Map<string, BaseAnswer>() };
  for (;;) {
    const { needs, nodes } = resolveNeeded({ ...input, answers });
    if (input.diagnostics.length > 0) return undefined;
    if (needs === undefined) return { nodes, answers };
    const given = yield needs;
    answers = standsIn ? { ...given, bases: withPlaceholderImages(given.bases) } : given;
  }
}
