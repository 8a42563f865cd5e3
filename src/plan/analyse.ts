/** The one way from a build file to lowered stages; plan, checks and outline are views of what it finds. */
import type { BuildFile, Diagnostic, Range } from '../instructions/index.ts';
import { type LoweredStage, lowerStage } from './lower/lower-stage.ts';
import type { BaseAnswer, BaseRequest, PlanRequest } from './request.ts';
import { type Checker, createChecker, type Finding, findingsFault } from './rules/checker.ts';
import { checkFile } from './rules/file-checks.ts';
import { checkInvalidDefaultArg } from './rules/from/invalid-default-arg-in-from.ts';
import { settleEpoch } from './stages/epoch.ts';
import { type EvaluatedFrom, evaluateFrom } from './stages/from.ts';
import { automaticArgs, evaluateGlobals, type GlobalArgs } from './stages/global-args.ts';
import { buildNodes, findCycle } from './stages/graph.ts';
import { resolveNeeded } from './stages/resolve.ts';
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
  | { readonly kind: 'needs'; readonly bases: readonly BaseRequest[] }
  | { readonly kind: 'errors'; readonly diagnostics: readonly Diagnostic[]; readonly findings: readonly Finding[] }
  | { readonly kind: 'analysed'; readonly analysis: Analysis };

export interface AnalysisInput {
  readonly file: BuildFile;
  readonly request: PlanRequest;
  readonly bases: ReadonlyMap<string, BaseAnswer>;
  /** Look at every stage, needed or not. */
  readonly allStages: boolean;
}

const FILE_START: Range = {
  start: { line: 1, column: 1, offset: 0 },
  end: { line: 1, column: 1, offset: 0 },
};

/** Errors are gathered step by step; a step is only taken if the one before found none. */
export function analyse(input: AnalysisInput): AnalysisOutcome {
  const { file, request } = input;
  const diagnostics: Diagnostic[] = file.diagnostics.filter(({ severity }) => severity === 'error');
  const checker = collectFault(diagnostics, directiveRange(file), () => createChecker(file, request));
  const failed = () => ({ kind: 'errors', diagnostics, findings: checker?.findings ?? [] }) as const;
  const staged = splitStages(file);
  if (checker) checkFile(file, staged, checker);
  if (diagnostics.length > 0 || !checker) return failed();
  if (staged.stages.length === 0) {
    diagnostics.push(noStage());
    return failed();
  }
  const evaluated = evaluateFile(staged, input, checker, diagnostics);
  if (!evaluated || diagnostics.length > 0) return failed();
  const settled = { ...input, request: { ...request, buildArgs: evaluated.buildArgs } };
  return lowerAll(staged, evaluated, settled, checker, diagnostics) ?? failed();
}

function directiveRange(file: BuildFile): Range {
  return file.directives.find(({ name }) => name === 'check')?.range ?? FILE_START;
}

function noStage(): Diagnostic {
  return {
    severity: 'error',
    code: 'no-stage',
    message: 'dockerfile contains no stages to build',
    hint: 'begin a stage with `FROM image`',
    range: FILE_START,
  };
}

interface EvaluatedFile {
  readonly globals: GlobalArgs;
  readonly epoch: number | undefined;
  readonly buildArgs: PlanRequest['buildArgs'];
  readonly froms: ReadonlyMap<StageSource, EvaluatedFrom>;
}

/** Gives values to everything outside of stages: global ARGs and FROM. */
function evaluateFile(
  staged: StagedFile,
  { request }: AnalysisInput,
  checker: Checker,
  diagnostics: Diagnostic[],
): EvaluatedFile | undefined {
  const automatic = automaticArgs(request, request.target ?? staged.stages.at(-1)?.name);
  checkInvalidDefaultArg(staged, automatic, checker.report);
  const globalRange = staged.globals[0]?.range ?? FILE_START;
  const evaluate = () => evaluateGlobals(automatic, staged.globals, request.buildArgs);
  const evaluated = collectFault(diagnostics, globalRange, evaluate);
  if (!evaluated) return undefined;
  const settled = collectFault(diagnostics, globalRange, () => settleEpoch(request, evaluated, staged.stages));
  const globals = { ...evaluated, scope: settled?.scope ?? evaluated.scope };
  const froms = new Map<StageSource, EvaluatedFrom>();
  for (const stage of staged.stages) {
    const read = () => evaluateFrom(stage, globals, request, checker.above(stage.from));
    const from = collectFault(diagnostics, stage.from.range, read);
    if (from) froms.set(stage, from);
  }
  return { globals, epoch: settled?.epoch, buildArgs: settled?.buildArgs ?? request.buildArgs, froms };
}

/** undefined: there are errors. */
function lowerAll(
  { stages }: StagedFile,
  { globals, epoch, froms }: EvaluatedFile,
  input: AnalysisInput,
  checker: Checker,
  diagnostics: Diagnostic[],
): AnalysisOutcome | undefined {
  const { file, request, bases } = input;
  const nodes = buildNodes(stages, froms, request, diagnostics);
  const cycle = findCycle(nodes);
  if (cycle) diagnostics.push(cycle);
  const target = collectFault(diagnostics, stages.at(-1)!.from.range, () => findTarget(stages, request.target));
  if (!target || diagnostics.length > 0) return undefined;
  const roots = input.allStages ? stages : [target];
  const needed = resolveNeeded({ file, stages, nodes, roots, request, bases, diagnostics });
  if (diagnostics.length > 0) return undefined;
  if (needed.missing.length > 0) return { kind: 'needs', bases: needed.missing };
  const done = new Map<number, LoweredStage>();
  const meter = createMeter();
  for (const node of needed.nodes) {
    done.set(node.source.id, lowerStage(node, { request, globals, bases, checker, meter, diagnostics, done }));
  }
  const fault = findingsFault(checker);
  if (fault) diagnostics.push(fault);
  if (diagnostics.length > 0) return undefined;
  return { kind: 'analysed', analysis: { target, stages: done, epoch, findings: checker.findings } };
}
