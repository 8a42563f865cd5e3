/** Lowers one stage: starts with the state of its base and applies each instruction. */
import type { Diagnostic } from '../../instructions/index.ts';
import type { ContainerConfig, Platform, ResolvedImage } from '../../oci/index.ts';
import type { Base, FileSource, StageId } from '../build-plan.ts';
import type { BaseAnswer, PlanRequest } from '../request.ts';
import type { Checker } from '../rules/checker.ts';
import { checkBaseImagePlatform } from '../rules/from/invalid-base-image-platform.ts';
import type { Place } from '../rules/rule.ts';
import type { GlobalArgs } from '../stages/global-args.ts';
import type { Command, StageNode } from '../stages/graph.ts';
import type { Source } from '../stages/source.ts';
import { formatStageTitle } from '../stages/stage.ts';
import { collectFault, Fault } from '../words/fault.ts';
import { createGrowingList, createGrowingMap } from '../words/growing-collections.ts';
import type { Meter } from '../words/meter.ts';
import { joinWorkdir } from '../words/paths.ts';
import { EMPTY_SCOPE, splitVariable, withEnvironment } from '../words/scope.ts';
import { lowerInstruction } from './lower-instruction.ts';
import type { Lowering } from './lowering.ts';
import { collectConfig, type StageState, withCollectedConfig, withConfig } from './stage-state.ts';

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Number of findings for which a similar name is searched. */
const MOST_GUESSES = 100;

export interface LoweredStage {
  readonly node: StageNode;
  readonly base: Base;
  readonly state: StageState;
}

/** Values that all stages of a build share. */
export interface StageLowering {
  readonly request: PlanRequest;
  readonly globals: GlobalArgs;
  readonly bases: ReadonlyMap<string, BaseAnswer>;
  readonly checker: Checker;
  readonly meter: Meter;
  readonly diagnostics: Diagnostic[];
  /** Earlier stages, by number. */
  readonly done: ReadonlyMap<StageId, LoweredStage>;
}

export function lowerStage(node: StageNode, context: StageLowering): LoweredStage {
  const base = resolveFileSource(node.base, context, {
    place: { range: node.source.from.range, report: context.checker.report },
    user: node,
  });
  let state = createInitialState(node, base, context);
  const before = state.collected;
  for (const command of node.commands) {
    const lowerNext = () => {
      const next = lowerInstruction(command.instruction, state, createLowering(command, node, context));
      context.meter.addHistory(next.steps.at(next.steps.length - 1)?.history.created_by);
      return next;
    };
    state = collectFault(context.diagnostics, command.range, lowerNext) ?? state;
  }
  return { node, base, state: withCollectedConfig(state, before) };
}

function createLowering(command: Command, node: StageNode, context: StageLowering): Lowering {
  const { range, onbuild } = command;
  // The platform of an image is reported with the options of the file: `check=skip` above COPY or RUN does not apply.
  const place = { range, report: context.checker.report };
  return {
    request: context.request,
    globals: context.globals.scope,
    range,
    onbuild,
    report: context.checker.reportFor(command.instruction),
    meter: context.meter,
    shouldGuess: () => context.checker.findings.length < MOST_GUESSES,
    sources: command.sources.map((source) => source && resolveFileSource(source, context, { place, user: node })),
  };
}

/** Resolves a source to its image or stage. Throws a Fault for a stage that comes after the stage that uses it. */
function resolveFileSource(
  source: Source,
  { bases, done }: StageLowering,
  { place, user }: { readonly place: Place; readonly user: StageNode },
): FileSource {
  if (source.kind === 'image') return { kind: 'image', image: findImage(source, bases, place) };
  if (source.kind !== 'stage' || done.has(source.stage)) return source;
  throw new Fault(
    'forward-reference',
    `cannot use stage ${source.stage} in \`${formatStageTitle(user.source)}\`: it comes later`,
    {
      hint: 'move it before the stage that copies from it or mounts it',
    },
  );
}

/** The image is always in `bases`: `resolveNeeded` asked for all images before. */
function findImage(
  { request, written, isContext }: Extract<Source, { kind: 'image' }>,
  bases: StageLowering['bases'],
  { range, report }: Place,
): ResolvedImage {
  const answer = bases.get(request.key);
  if (answer?.kind !== 'image') throw new Error(`lower stage: no image for ${request.key}`);
  if (!isContext)
    checkBaseImagePlatform(written, { expected: request.platform, actual: toPlatform(answer.image), range, report });
  return answer.image;
}

function createInitialState(node: StageNode, base: Base, context: StageLowering): StageState {
  const inherited = base.kind === 'stage' ? context.done.get(base.stage)!.state : createFreshState(node, base, context);
  const config = createStartConfig(inherited.config, inherited.platform.os);
  const workdir = config.WorkingDir;
  const state: StageState = {
    ...inherited,
    config,
    collected: collectConfig(config),
    scope: withEnvironment(inherited.scope, config.Env ?? []),
    steps: createGrowingList(),
    lastSeen: {},
    argInfos: createGrowingMap(context.globals.declared),
    usedArgs: createGrowingList(node.from.usedArgs),
    credentials: createGrowingList(),
  };
  return workdir ? withConfig(state, { WorkingDir: joinWorkdir(workdir, workdir) }) : state;
}

/** Removes the triggers, which run once, and adds a PATH. Windows sets its own PATH. */
function createStartConfig({ OnBuild: _triggers, ...config }: ContainerConfig, os: string): ContainerConfig {
  const env = config.Env ?? [];
  const hasPath = os === 'windows' || env.some((line) => splitVariable(line)[0] === 'PATH');
  return hasPath ? config : { ...config, Env: [...env, DEFAULT_PATH] };
}

function createFreshState(node: StageNode, base: Base, { request }: StageLowering): StageState {
  const empty: StageState = {
    scope: EMPTY_SCOPE,
    args: createGrowingMap(),
    config: {},
    collected: collectConfig({}),
    author: undefined,
    platform: node.platform,
    steps: createGrowingList(),
    workdirSeen: false,
    lastSeen: {},
    argInfos: createGrowingMap(),
    usedArgs: createGrowingList(),
    credentials: createGrowingList(),
  };
  if (base.kind === 'scratch') return { ...empty, config: { WorkingDir: '/' }, platform: request.platform };
  if (base.kind !== 'image') return empty;
  const { config, author } = base.image.config;
  return { ...empty, config, author, platform: toPlatform(base.image) };
}

function toPlatform({ config }: ResolvedImage): Platform {
  const { os, architecture, variant } = config;
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(config['os.version'] !== undefined && { 'os.version': config['os.version'] }),
    ...(config['os.features'] !== undefined && { 'os.features': config['os.features'] }),
  };
}
