/** Finds all stages and images that the target needs, and inserts the ONBUILD triggers of bases before the instructions of a stage. */
import type { BuildFile, Diagnostic, Range } from '../../instructions/index.ts';
import { parseBool } from '../../notation/index.ts';
import type { ResolvedImage } from '../../oci/index.ts';
import type { Answers, BaseRequest, Needs, ParseTrigger, PlanRequest } from '../request.ts';
import { collectFault, Fault } from '../words/fault.ts';
import { suggestNearest } from '../words/suggestion.ts';
import { findBuildArg } from './global-args.ts';
import { type Command, createCommand, mapStageNames, type StageNode, type Trigger } from './graph.ts';
import type { Source } from './source.ts';
import type { StageInstruction, StageSource } from './stage.ts';

export interface Resolution {
  /** undefined if everything is known. */
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

/** Follows all edges from the roots. Bases that are not available become diagnostics. */
export function resolveNeeded(input: ResolveInput): Resolution {
  const byId = new Map(input.nodes.map((node) => [node.source.id, node]));
  const reached = new Map<number, StageNode>();
  const images = new BaseLookup(input);
  const queue = input.roots.map((stage) => stage.id);
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const node = byId.get(id);
    if (!node || reached.has(id)) continue;
    const commands = [...createTriggerCommands(node, input, { byId, images }), ...node.commands];
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

/** Looks up answers, and collects what is not known yet. */
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

  /** The parser of triggers. */
  findTriggerParser(): ParseTrigger | undefined {
    const { parseTrigger } = this.#input.answers;
    this.#needsParser ||= parseTrigger === undefined;
    return parseTrigger;
  }

  /** `range` is the instruction that uses the image; `trigger` is set if that is a trigger. */
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
      const meant = suggestNearest(written, [...names, ...COMMON_IMAGES]);
      const hint = meant ?? answer.hint;
      const message = `${trigger === undefined ? '' : `${formatTrigger(trigger)}: `}${written}: ${answer.message}`;
      this.#input.diagnostics.push({
        severity: 'error',
        code: meant !== undefined && meant === suggestNearest(written, names) ? 'unknown-stage' : 'base-unavailable',
        message,
        ...(hint && { hint }),
        range: trigger?.range ?? range,
      });
    }
    return undefined;
  }
}

const COMMON_IMAGES = ['alpine', 'busybox', 'centos', 'debian', 'golang', 'ubuntu', 'fedora', 'node', 'python'];

interface TriggerSources {
  readonly byId: ReadonlyMap<number, StageNode>;
  readonly images: BaseLookup;
}

/** The triggers of the base as commands of this stage. */
function createTriggerCommands(
  node: StageNode,
  input: ResolveInput,
  { byId, images }: TriggerSources,
): readonly Command[] {
  const { range } = node.source.from;
  const triggers = findTriggers(node, byId, images);
  if (triggers.length === 0 || areTriggersDisabled(input)) return [];
  const parse = images.findTriggerParser();
  if (parse === undefined) return [];
  const { stages, request } = input;
  const context = { names: mapStageNames(stages), stages, request };
  return triggers.flatMap((trigger) => {
    const command = collectFault(input.diagnostics, range, () => {
      const instruction = parseTriggerInstruction(trigger, parse(trigger.text, input.file.escape));
      return createCommand(instruction, { range, onbuild: true, trigger }, context);
    });
    return command ?? [];
  });
}

/** True for `--build-arg BUILDKIT_DISABLE_ONBUILD=1`. A value that is not a boolean is ignored. */
function areTriggersDisabled({ request }: ResolveInput): boolean {
  return parseBool(findBuildArg(request.buildArgs, 'BUILDKIT_DISABLE_ONBUILD') ?? '') ?? false;
}

function findTriggers(node: StageNode, byId: ReadonlyMap<number, StageNode>, images: BaseLookup): readonly Trigger[] {
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

/** A trigger in a message. */
function formatTrigger({ text }: Trigger): string {
  return `trigger \`ONBUILD ${text}\` of the base`;
}

function parseTriggerInstruction(
  trigger: Trigger,
  { instructions, diagnostics }: ReturnType<ParseTrigger>,
): StageInstruction {
  const problem = diagnostics.find(({ severity }) => severity === 'error');
  if (problem)
    throw new Fault('bad-trigger', `${formatTrigger(trigger)}: ${problem.message}`, {
      hint: problem.hint,
    });
  const [instruction, second] = instructions;
  if (instruction && !second && instruction.kind !== 'from') return instruction;
  throw new Fault('bad-trigger', `${formatTrigger(trigger)}: not a single instruction`);
}
