/** From the target to everything that it needs, with the ONBUILD triggers of the bases put in front. */
import type { BuildFile, Diagnostic, Range } from '../../instructions/index.ts';
import { parseBool } from '../../notation/index.ts';
import type { ResolvedImage } from '../../oci/index.ts';
import type { Answers, BaseRequest, Needs, ParseTrigger, PlanRequest } from '../request.ts';
import { collectFault, Fault } from '../words/fault.ts';
import { didYouMean } from '../words/nearest.ts';
import { buildArg } from './global-args.ts';
import { type Command, commandOf, type StageNode, stageNames, type Trigger } from './graph.ts';
import type { Source } from './source.ts';
import type { StageInstruction, StageSource } from './stage.ts';

export interface Resolution {
  /** undefined: everything is known. */
  readonly needs: Needs | undefined;
  /** Needed stages, in file order. */
  readonly nodes: readonly StageNode[];
}

export interface ResolveInput {
  readonly file: BuildFile;
  readonly stages: readonly StageSource[];
  readonly nodes: readonly StageNode[];
  readonly roots: readonly StageSource[];
  readonly request: PlanRequest;
  readonly answers: Answers;
  readonly diagnostics: Diagnostic[];
}

/** Follows all edges from the roots. Bases that cannot be had become diagnostics. */
export function resolveNeeded(input: ResolveInput): Resolution {
  const byId = new Map(input.nodes.map((node) => [node.source.id, node]));
  const reached = new Map<number, StageNode>();
  const images = new BaseLookup(input);
  const queue = input.roots.map((stage) => stage.id);
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const node = byId.get(id);
    if (!node || reached.has(id)) continue;
    const commands = [...triggersOf(node, byId, images, input), ...node.commands];
    reached.set(id, { ...node, commands });
    if (node.base.kind === 'stage') queue.push(node.base.stage);
    for (const { sources, range, trigger } of commands) {
      for (const source of sources) {
        if (source?.kind === 'stage') queue.push(source.stage);
        if (source?.kind === 'image') images.get(source, range, trigger);
      }
    }
  }
  return { needs: images.needs, nodes: [...reached.values()].sort((a, b) => a.source.id - b.source.id) };
}

/** Looks up what is known, and remembers what is not known yet. */
class BaseLookup {
  readonly #input: ResolveInput;
  readonly #missing = new Map<string, BaseRequest>();
  readonly #failed = new Set<string>();
  #needsParser = false;

  constructor(input: ResolveInput) {
    this.#input = input;
  }

  get needs(): Needs | undefined {
    if (this.#missing.size === 0 && !this.#needsParser) return undefined;
    return { bases: [...this.#missing.values()], parser: this.#needsParser };
  }

  /** What triggers are read with. */
  parser(): ParseTrigger | undefined {
    const { parseTrigger } = this.#input.answers;
    this.#needsParser ||= parseTrigger === undefined;
    return parseTrigger;
  }

  /** `range` is who wants it, or the trigger that does. */
  get(
    { request, written }: Extract<Source, { readonly kind: 'image' }>,
    range: Range,
    trigger?: Trigger,
  ): ResolvedImage | undefined {
    const answer = this.#input.answers.bases.get(request.key);
    if (answer?.kind === 'image') return answer.image;
    if (!answer) this.#missing.set(request.key, request);
    else if (!this.#failed.has(request.key)) {
      this.#failed.add(request.key);
      const names = this.#input.stages.flatMap(({ name }) => name ?? []);
      const meant = didYouMean(written, [...names, ...COMMON_IMAGES]);
      const hint = meant ?? answer.hint;
      const message = `${trigger === undefined ? '' : `${triggerTitle(trigger)}: `}${written}: ${answer.message}`;
      this.#input.diagnostics.push({
        severity: 'error',
        code: meant !== undefined && meant === didYouMean(written, names) ? 'unknown-stage' : 'base-unavailable',
        message,
        ...(hint && { hint }),
        range: trigger?.range ?? range,
      });
    }
    return undefined;
  }
}

const COMMON_IMAGES = ['alpine', 'busybox', 'centos', 'debian', 'golang', 'ubuntu', 'fedora', 'node', 'python'];

/** The triggers of the base, as commands of this stage. */
function triggersOf(
  node: StageNode,
  byId: ReadonlyMap<number, StageNode>,
  images: BaseLookup,
  input: ResolveInput,
): readonly Command[] {
  const { range } = node.source.from;
  const triggers = triggersIn(node, byId, images);
  if (triggers.length === 0 || disablesTriggers(input)) return [];
  const parse = images.parser();
  if (parse === undefined) return [];
  const names = stageNames(input.stages);
  return triggers.flatMap((trigger) => {
    const command = collectFault(input.diagnostics, range, () => {
      const instruction = triggerInstruction(trigger, parse(trigger.text, input.file.escape));
      return commandOf(instruction, { range, onbuild: true, trigger }, names, input.stages, input.request);
    });
    return command ?? [];
  });
}

/** `--build-arg BUILDKIT_DISABLE_ONBUILD=1` takes bases as they are. What is neither true nor false says nothing. */
function disablesTriggers({ request }: ResolveInput): boolean {
  return parseBool(buildArg(request.buildArgs, 'BUILDKIT_DISABLE_ONBUILD') ?? '') ?? false;
}

function triggersIn(node: StageNode, byId: ReadonlyMap<number, StageNode>, images: BaseLookup): readonly Trigger[] {
  const { range } = node.source.from;
  if (node.base.kind === 'image') {
    const image = images.get(node.base, range);
    return node.isReplaced ? [] : (image?.config.config.OnBuild ?? []).map((text) => ({ text, range }));
  }
  if (node.base.kind !== 'stage') return [];
  const commands = byId.get(node.base.stage)?.commands ?? [];
  return commands.flatMap(({ instruction }) =>
    instruction.kind === 'onbuild' ? [{ text: instruction.text, range: instruction.range }] : [],
  );
}

/** As messages call it. */
function triggerTitle({ text }: Trigger): string {
  return `trigger \`ONBUILD ${text}\` of the base`;
}

function triggerInstruction(
  trigger: Trigger,
  { instructions, diagnostics }: ReturnType<ParseTrigger>,
): StageInstruction {
  const problem = diagnostics.find(({ severity }) => severity === 'error');
  if (problem)
    throw new Fault('bad-trigger', `${triggerTitle(trigger)}: ${problem.message}`, {
      hint: problem.hint,
    });
  const [instruction, second] = instructions;
  if (instruction && !second && instruction.kind !== 'from') return instruction;
  throw new Fault('bad-trigger', `${triggerTitle(trigger)}: it is not a single instruction`);
}
