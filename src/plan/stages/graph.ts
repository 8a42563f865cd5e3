/** The graph of stages: stages are nodes; FROM, COPY --from and RUN --mount=from= are edges. */
import type { Copy, Diagnostic, Range, Run } from '../../instructions/index.ts';
import type { Platform } from '../../oci/index.ts';
import type { PlanRequest } from '../request.ts';
import { collectFault, Fault } from '../words/fault.ts';
import type { EvaluatedFrom } from './from.ts';
import { findExternalSource, findReplacement, type Source } from './source.ts';
import { formatStageTitle, type StageInstruction, type StageSource } from './stage.ts';

/** The text after ONBUILD, and its range. For a trigger of an image, the range is that of the FROM. */
export interface Trigger {
  readonly text: string;
  readonly range: Range;
}

/** An instruction with its range and its sources. */
export interface Command {
  readonly instruction: StageInstruction;
  /** For a trigger, the range of the FROM. */
  readonly range: Range;
  readonly onbuild: boolean;
  /** Set for a trigger only. */
  readonly trigger?: Trigger;
  /** COPY: one source if it has `--from`. RUN: one entry per mount, undefined without `from=`. */
  readonly sources: readonly (Source | undefined)[];
}

export interface StageNode {
  readonly source: StageSource;
  readonly from: EvaluatedFrom;
  readonly base: Source;
  readonly platform: Platform;
  readonly commands: readonly Command[];
  /** True if a named context replaces the whole stage. The stage has no commands then. */
  readonly isReplaced: boolean;
}

/** Stage names for COPY and RUN. If a name is used twice, the last stage counts. */
export type StageNames = ReadonlyMap<string, StageSource>;

export function mapStageNames(stages: readonly StageSource[]): StageNames {
  return new Map(stages.flatMap((stage) => (stage.name === undefined ? [] : [[stage.name, stage] as const])));
}

interface EvaluatedStages {
  readonly froms: ReadonlyMap<StageSource, EvaluatedFrom>;
  readonly request: PlanRequest;
}

/** One node per stage with a valid FROM. Faults of the other stages go to `diagnostics`. */
export function buildNodes(
  stages: readonly StageSource[],
  diagnostics: Diagnostic[],
  { froms, request }: EvaluatedStages,
): readonly StageNode[] {
  const names = mapStageNames(stages);
  const earlier = new Map<string, StageSource>();
  return stages.flatMap((source) => {
    const from = froms.get(source);
    const node =
      from && collectFault(diagnostics, source.from.range, () => buildNode(source, from, { earlier, request }));
    if (source.name !== undefined) earlier.set(source.name, source);
    if (!node) return [];
    if (node.isReplaced) return [{ source, from, ...node, commands: [] }];
    const commands = source.instructions.flatMap((instruction) => {
      const place = { range: instruction.range, onbuild: false };
      const readCommand = () => createCommand(instruction, place, { names, stages, request });
      return collectFault(diagnostics, instruction.range, readCommand) ?? [];
    });
    return [{ source, from, ...node, commands }];
  });
}

interface EarlierStages {
  readonly earlier: ReadonlyMap<string, StageSource>;
  readonly request: PlanRequest;
}

function buildNode(
  source: StageSource,
  from: EvaluatedFrom,
  { earlier, request }: EarlierStages,
): Pick<StageNode, 'base' | 'platform' | 'isReplaced'> {
  const platform = from.platform ?? request.platform;
  const replaced = source.name === undefined ? undefined : findReplacement(source.name, platform, request);
  if (replaced) return { base: replaced, platform, isReplaced: true };
  const stage = earlier.get(from.baseName);
  const base: Source = stage
    ? { kind: 'stage', stage: stage.id }
    : findImageBase(from.baseName, platform, { earlier, request });
  return { base, platform, isReplaced: false };
}

/** FROM, unlike COPY, accepts stage names in lower case only. The hint says so if the name differs in case only. */
function findImageBase(name: string, platform: Platform, { earlier, request }: EarlierStages): Source {
  try {
    return findExternalSource(name, platform, request);
  } catch (error) {
    if (!(error instanceof Fault) || !earlier.has(name.toLowerCase())) throw error;
    throw new Fault(error.code, error.message, { hint: `the stage is called \`${name.toLowerCase()}\`` });
  }
}

/** The stages of the file and the request, in which the sources of an instruction are looked up. */
export interface CommandContext {
  readonly names: StageNames;
  readonly stages: readonly StageSource[];
  readonly request: PlanRequest;
}

/** Looks up the sources of an instruction. Throws a Fault. */
export function createCommand(
  instruction: StageInstruction,
  place: Pick<Command, 'range' | 'onbuild' | 'trigger'>,
  context: CommandContext,
): Command {
  if (instruction.kind === 'copy') {
    const source = findCopySource(instruction, context);
    return { instruction, ...place, sources: source ? [source] : [] };
  }
  if (instruction.kind === 'run') return { instruction, ...place, sources: findMountSources(instruction, context) };
  return { instruction, ...place, sources: [] };
}

function findCopySource({ from }: Copy, { names, stages, request }: CommandContext): Source | undefined {
  if (!from || from.raw === '') return undefined;
  if (from.parts.some((part) => part.kind === 'variable' || part.quoted)) {
    throw new Fault('variable-in-from', 'variable expansion is not supported for --from', {
      hint: 'define a stage with `FROM $NAME AS …`, with a global ARG, and copy from that',
      range: from.range,
    });
  }
  if (!/^[+-]?\d+$/.test(from.raw)) return findNamedSource(from.raw, names, request);
  const stage = stages[Number(from.raw)];
  if (stage) return { kind: 'stage', stage: stage.id };
  throw new Fault('unknown-stage', `invalid stage index ${from.raw}`, {
    hint: `stages are numbered from 0 to ${stages.length - 1}`,
    range: from.range,
  });
}

function findMountSources(run: Run, { names, request }: CommandContext): readonly (Source | undefined)[] {
  return run.mounts.map((mount) => {
    const from = mount.options.filter((option) => option.key === 'from').at(-1);
    const name = from?.value?.raw ?? '';
    return name === '' ? undefined : findNamedSource(name, names, request);
  });
}

function findNamedSource(name: string, names: StageNames, request: PlanRequest): Source {
  const stage = names.get(name.toLowerCase());
  return stage ? { kind: 'stage', stage: stage.id } : findExternalSource(name, request.platform, request);
}

/** Finds a cycle of stages that copy from or mount one another. */
export function findCycle(nodes: readonly StageNode[]): Diagnostic | undefined {
  const byId = new Map(nodes.map((node) => [node.source.id, node]));
  const done = new Set<StageNode>();
  for (const node of nodes) {
    const circle = findCycleFrom(node, byId, done);
    if (circle) return createCycleDiagnostic(circle);
  }
  return undefined;
}

/** Finds the first cycle that is reachable from a node. Not recursive, because a path may be too long for the call stack. */
function findCycleFrom(
  root: StageNode,
  byId: ReadonlyMap<number, StageNode>,
  done: Set<StageNode>,
): readonly StageNode[] | undefined {
  const way: { readonly node: StageNode; readonly used: Iterator<number> }[] = [];
  const onWay = new Set<StageNode>();
  const enter = (node: StageNode) => {
    done.add(node);
    onWay.add(node);
    way.push({ node, used: listUsedStages(node) });
  };
  if (!done.has(root)) enter(root);
  for (let here = way.at(-1); here !== undefined; here = way.at(-1)) {
    const { value, done: isEnd } = here.used.next();
    const next = isEnd ? undefined : byId.get(value);
    if (next !== undefined && onWay.has(next)) {
      return way.slice(way.findIndex(({ node }) => node === next)).map(({ node }) => node);
    }
    if (next !== undefined && !done.has(next)) enter(next);
    if (isEnd) {
      onWay.delete(here.node);
      way.pop();
    }
  }
  return undefined;
}

/** Yields the ids of the stages that a stage copies from or mounts. */
function* listUsedStages({ commands }: StageNode): Generator<number> {
  for (const { sources } of commands) {
    for (const source of sources) if (source?.kind === 'stage') yield source.stage;
  }
}

function createCycleDiagnostic(circle: readonly StageNode[]): Diagnostic {
  const [first] = circle;
  const titles = [...circle, first!].map((node) => `\`${formatStageTitle(node.source)}\``).join(' → ');
  const ids = new Set(circle.map((node) => node.source.id));
  const closing = first!.commands.find(({ sources }) =>
    sources.some((source) => source?.kind === 'stage' && ids.has(source.stage)),
  );
  return {
    severity: 'error',
    code: 'circular-dependency',
    message: `circular dependency detected on stage: ${formatStageTitle(first!.source)}`,
    hint: `${titles}: remove one of these dependencies`,
    range: closing?.range ?? first!.source.from.range,
  };
}
