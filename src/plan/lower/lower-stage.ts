/** Lowers one stage: the state that its base leaves, then instruction by instruction. */
import type { Diagnostic } from '../../instructions/index.ts';
import type { ContainerConfig, Platform, ResolvedImage } from '../../oci/index.ts';
import type { Base, FileSource, StageId } from '../build-plan.ts';
import type { BaseAnswer, PlanRequest } from '../request.ts';
import type { Checker } from '../rules/checker.ts';
import { checkBaseImagePlatform } from '../rules/from/invalid-base-image-platform.ts';
import type { GlobalArgs } from '../stages/global-args.ts';
import type { Command, StageNode } from '../stages/graph.ts';
import type { Source } from '../stages/source.ts';
import { stageTitle } from '../stages/stage.ts';
import { collectFault, Fault } from '../words/fault.ts';
import { growingList, growingMap } from '../words/growing.ts';
import type { Meter } from '../words/meter.ts';
import { joinWorkdir } from '../words/paths.ts';
import { EMPTY_SCOPE, splitVariable, withEnvironment } from '../words/scope.ts';
import { lowerInstruction } from './lower-instruction.ts';
import type { Lowering } from './lowering.ts';
import { collectedOf, type StageState, withConfig, withFinishedConfig } from './stage-state.ts';

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Findings for which names that may have been meant are looked for. */
const MOST_GUESSES = 100;

export interface LoweredStage {
  readonly node: StageNode;
  readonly base: Base;
  readonly state: StageState;
}

/** What is the same for all stages of a build. */
export interface StageLowering {
  readonly request: PlanRequest;
  readonly globals: GlobalArgs;
  readonly bases: ReadonlyMap<string, BaseAnswer>;
  readonly checker: Checker;
  readonly meter: Meter;
  readonly diagnostics: Diagnostic[];
  /** Stages further up, by number. */
  readonly done: ReadonlyMap<StageId, LoweredStage>;
}

export function lowerStage(node: StageNode, context: StageLowering): LoweredStage {
  const base = fileSource(node.base, { range: node.source.from.range, report: context.checker.report }, node, context);
  let state = initialState(node, base, context);
  const before = state.collected;
  for (const command of node.commands) {
    const lowered = () => {
      const next = lowerInstruction(command.instruction, state, loweringOf(command, node, context));
      context.meter.addHistory(next.steps.at(next.steps.length - 1)?.history.created_by);
      return next;
    };
    state = collectFault(context.diagnostics, command.range, lowered) ?? state;
  }
  return { node, base, state: withFinishedConfig(state, before) };
}

function loweringOf(command: Command, node: StageNode, context: StageLowering): Lowering {
  const { range, onbuild } = command;
  // Which image is used is the FROM's business, so what is skipped above the instruction does not count here.
  const place = { range, report: context.checker.report };
  return {
    request: context.request,
    globals: context.globals.scope,
    range,
    onbuild,
    report: context.checker.above(command.instruction),
    meter: context.meter,
    guesses: () => context.checker.findings.length < MOST_GUESSES,
    sources: command.sources.map((source) => source && fileSource(source, place, node, context)),
  };
}

/** A source with its image. A stage has to be further up than the one that uses it. */
function fileSource(
  source: Source,
  place: Pick<Lowering, 'range' | 'report'>,
  user: StageNode,
  { bases, done }: StageLowering,
): FileSource {
  if (source.kind === 'image') return { kind: 'image', image: imageOf(source, bases, place) };
  if (source.kind !== 'stage' || done.has(source.stage)) return source;
  throw new Fault(
    'forward-reference',
    `cannot use stage ${source.stage} in \`${stageTitle(user.source)}\`: it comes later`,
    {
      hint: 'define a stage before the one that copies from it or mounts it',
    },
  );
}

/** Resolution has made sure of it: without all answers nothing is lowered. */
function imageOf(
  { request, written, isContext }: Extract<Source, { kind: 'image' }>,
  bases: StageLowering['bases'],
  { range, report }: Pick<Lowering, 'range' | 'report'>,
): ResolvedImage {
  const answer = bases.get(request.key);
  if (answer?.kind !== 'image') throw new Error(`lower stage: no image for ${request.key}`);
  if (!isContext) checkBaseImagePlatform(written, request.platform, platformOf(answer.image), range, report);
  return answer.image;
}

function initialState(node: StageNode, base: Base, context: StageLowering): StageState {
  const inherited = base.kind === 'stage' ? context.done.get(base.stage)!.state : freshState(node, base, context);
  const config = startConfig(inherited.config, inherited.platform.os);
  const workdir = config.WorkingDir;
  const state: StageState = {
    ...inherited,
    config,
    collected: collectedOf(config),
    scope: withEnvironment(inherited.scope, config.Env ?? []),
    steps: growingList(),
    lastSeen: {},
    argInfos: growingMap(context.globals.declared),
    usedArgs: growingList(node.from.usedArgs),
    credentials: growingList(),
  };
  return workdir ? withConfig(state, { WorkingDir: joinWorkdir(workdir, workdir) }) : state;
}

/** Triggers do not outlive the FROM that sets them off, and every stage has a PATH (Windows brings its own). */
function startConfig({ OnBuild: _triggers, ...config }: ContainerConfig, os: string): ContainerConfig {
  const env = config.Env ?? [];
  const hasPath = os === 'windows' || env.some((line) => splitVariable(line)[0] === 'PATH');
  return hasPath ? config : { ...config, Env: [...env, DEFAULT_PATH] };
}

function freshState(node: StageNode, base: Base, { request }: StageLowering): StageState {
  const empty: StageState = {
    scope: EMPTY_SCOPE,
    args: growingMap(),
    config: {},
    collected: collectedOf({}),
    author: undefined,
    platform: node.platform,
    steps: growingList(),
    workdirSeen: false,
    lastSeen: {},
    argInfos: growingMap(),
    usedArgs: growingList(),
    credentials: growingList(),
  };
  if (base.kind === 'scratch') return { ...empty, config: { WorkingDir: '/' }, platform: request.platform };
  if (base.kind !== 'image') return empty;
  const { config, author } = base.image.config;
  return { ...empty, config, author, platform: platformOf(base.image) };
}

function platformOf({ config }: ResolvedImage): Platform {
  const { os, architecture, variant } = config;
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(config['os.version'] !== undefined && { 'os.version': config['os.version'] }),
    ...(config['os.features'] !== undefined && { 'os.features': config['os.features'] }),
  };
}
