/** Which stage needs what: stages as nodes, with every FROM, COPY --from and RUN --mount=from= as an edge. */
import type { Copy, Diagnostic, Range, Run } from '../../instructions/index.ts';
import type { Platform } from '../../oci/index.ts';
import type { PlanRequest } from '../request.ts';
import { collectFault, Fault } from '../words/fault.ts';
import type { EvaluatedFrom } from './from.ts';
import { externalSource, replacement, type Source } from './source.ts';
import { type StageInstruction, type StageSource, stageTitle } from './stage.ts';

/** The text after ONBUILD, and where it stands: of a base from elsewhere the FROM that names it. */
export interface Trigger {
  readonly text: string;
  readonly range: Range;
}

/** An instruction with its place and what it takes files from. */
export interface Command {
  readonly instruction: StageInstruction;
  /** For a trigger, that of the FROM that set it off. */
  readonly range: Range;
  readonly onbuild: boolean;
  /** What set it off, if it is a trigger. */
  readonly trigger?: Trigger;
  /** COPY: one, if it has `--from`. RUN: one per mount, undefined without `from=`. */
  readonly sources: readonly (Source | undefined)[];
}

export interface StageNode {
  readonly source: StageSource;
  readonly from: EvaluatedFrom;
  readonly base: Source;
  readonly platform: Platform;
  readonly commands: readonly Command[];
  /** A named context stands in for the whole stage, which then has no commands. */
  readonly isReplaced: boolean;
}

/** Names as COPY and RUN see them: all stages, the last of a name counts. */
export type StageNames = ReadonlyMap<string, StageSource>;

export function stageNames(stages: readonly StageSource[]): StageNames {
  return new Map(stages.flatMap((stage) => (stage.name === undefined ? [] : [[stage.name, stage] as const])));
}

/** One node per stage whose FROM has a meaning; the faults of the others go to `diagnostics`. */
export function buildNodes(
  stages: readonly StageSource[],
  froms: ReadonlyMap<StageSource, EvaluatedFrom>,
  request: PlanRequest,
  diagnostics: Diagnostic[],
): readonly StageNode[] {
  const names = stageNames(stages);
  const earlier = new Map<string, StageSource>();
  return stages.flatMap((source) => {
    const from = froms.get(source);
    const node = from && collectFault(diagnostics, source.from.range, () => buildNode(source, from, earlier, request));
    if (source.name !== undefined) earlier.set(source.name, source);
    if (!node) return [];
    if (node.isReplaced) return [{ source, from, ...node, commands: [] }];
    const commands = source.instructions.flatMap((instruction) => {
      const place = { range: instruction.range, onbuild: false };
      const command = () => commandOf(instruction, place, names, stages, request);
      return collectFault(diagnostics, instruction.range, command) ?? [];
    });
    return [{ source, from, ...node, commands }];
  });
}

function buildNode(
  source: StageSource,
  from: EvaluatedFrom,
  earlier: ReadonlyMap<string, StageSource>,
  request: PlanRequest,
): Pick<StageNode, 'base' | 'platform' | 'isReplaced'> {
  const platform = from.platform ?? request.platform;
  const replaced = source.name === undefined ? undefined : replacement(source.name, platform, request);
  if (replaced) return { base: replaced, platform, isReplaced: true };
  const stage = earlier.get(from.baseName);
  const base: Source = stage
    ? { kind: 'stage', stage: stage.id }
    : imageBase(from.baseName, earlier, platform, request);
  return { base, platform, isReplaced: false };
}

/** FROM, unlike COPY, takes the name of a stage only in lower case: whoever wrote it as it stands after AS is told. */
function imageBase(
  name: string,
  earlier: ReadonlyMap<string, StageSource>,
  platform: Platform,
  request: PlanRequest,
): Source {
  try {
    return externalSource(name, platform, request);
  } catch (error) {
    if (!(error instanceof Fault) || !earlier.has(name.toLowerCase())) throw error;
    throw new Fault(error.code, error.message, { hint: `the stage is called \`${name.toLowerCase()}\`` });
  }
}

/** An instruction with its sources looked up. Throws a Fault. */
export function commandOf(
  instruction: StageInstruction,
  place: Pick<Command, 'range' | 'onbuild' | 'trigger'>,
  names: StageNames,
  stages: readonly StageSource[],
  request: PlanRequest,
): Command {
  if (instruction.kind === 'copy') {
    const source = copySource(instruction, names, stages, request);
    return { instruction, ...place, sources: source ? [source] : [] };
  }
  if (instruction.kind === 'run') return { instruction, ...place, sources: mountSources(instruction, names, request) };
  return { instruction, ...place, sources: [] };
}

function copySource(
  { from }: Copy,
  names: StageNames,
  stages: readonly StageSource[],
  request: PlanRequest,
): Source | undefined {
  if (!from || from.raw === '') return undefined;
  if (from.parts.some((part) => part.kind === 'variable' || part.quoted)) {
    throw new Fault('variable-in-from', 'variable expansion is not supported for --from', {
      hint: 'define a stage with `FROM $NAME AS …`, with a global ARG, and copy from that',
      range: from.range,
    });
  }
  if (!/^[+-]?\d+$/.test(from.raw)) return namedSource(from.raw, names, request);
  const stage = stages[Number(from.raw)];
  if (stage) return { kind: 'stage', stage: stage.id };
  throw new Fault('unknown-stage', `invalid stage index ${from.raw}`, {
    hint: `stages are numbered from 0 to ${stages.length - 1}`,
    range: from.range,
  });
}

function mountSources(run: Run, names: StageNames, request: PlanRequest): readonly (Source | undefined)[] {
  return run.mounts.map((mount) => {
    const from = mount.options.filter((option) => option.key === 'from').at(-1);
    const name = from?.value?.raw ?? '';
    return name === '' ? undefined : namedSource(name, names, request);
  });
}

function namedSource(name: string, names: StageNames, request: PlanRequest): Source {
  const stage = names.get(name.toLowerCase());
  return stage ? { kind: 'stage', stage: stage.id } : externalSource(name, request.platform, request);
}

/** Finds stages that copy from or mount one another in a circle, and says which. */
export function findCycle(nodes: readonly StageNode[]): Diagnostic | undefined {
  const byId = new Map(nodes.map((node) => [node.source.id, node]));
  const done = new Set<StageNode>();
  for (const node of nodes) {
    const circle = circleFrom(node, byId, done);
    if (circle) return circleDiagnostic(circle);
  }
  return undefined;
}

/** The first circle that is met from a node on. The way to it may be long, so it is a list and not a call in a call. */
function circleFrom(
  root: StageNode,
  byId: ReadonlyMap<number, StageNode>,
  done: Set<StageNode>,
): readonly StageNode[] | undefined {
  const way: { readonly node: StageNode; readonly used: Iterator<number> }[] = [];
  const onWay = new Set<StageNode>();
  const enter = (node: StageNode) => {
    done.add(node);
    onWay.add(node);
    way.push({ node, used: stagesUsed(node) });
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

/** The stages that a stage copies from or mounts. */
function* stagesUsed({ commands }: StageNode): Generator<number> {
  for (const { sources } of commands) {
    for (const source of sources) if (source?.kind === 'stage') yield source.stage;
  }
}

function circleDiagnostic(circle: readonly StageNode[]): Diagnostic {
  const [first] = circle;
  const titles = [...circle, first!].map((node) => `\`${stageTitle(node.source)}\``).join(' → ');
  const ids = new Set(circle.map((node) => node.source.id));
  const closing = first!.commands.find(({ sources }) =>
    sources.some((source) => source?.kind === 'stage' && ids.has(source.stage)),
  );
  return {
    severity: 'error',
    code: 'circular-dependency',
    message: `circular dependency detected on stage: ${stageTitle(first!.source)}`,
    hint: `${titles}: one of them has to do without the other`,
    range: closing?.range ?? first!.source.from.range,
  };
}
