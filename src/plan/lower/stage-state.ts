/** A stage between two instructions: everything that the next one can depend on or change. Never changed in place. */
import type { Range } from '../../instructions/index.ts';
import type { ContainerConfig, Platform } from '../../oci/index.ts';
import type { Step } from '../build-plan.ts';
import type { ArgInfo } from '../stages/global-args.ts';
import { type GrowingList, type GrowingMap, growingList, growingMap } from '../words/growing.ts';
import { type Scope, splitVariable } from '../words/scope.ts';

/** An ARG of this stage or of those it is built on; part of what history tells of a RUN. */
export interface DeclaredArg {
  readonly name: string;
  readonly value: string | undefined;
}

/** A secret or SSH socket that some RUN mounts, for the outline. */
export interface MountedCredential {
  readonly kind: 'secret' | 'ssh';
  readonly id: string;
  readonly required: boolean;
  readonly range: Range;
}

/** Where an instruction stood that only counts once in a stage. */
export interface LastSeen {
  readonly cmd?: Range;
  readonly entrypoint?: Range;
  readonly healthcheck?: Range;
}

/** What instructions add to one by one: put into the config when the stage is done. */
export interface Collected {
  /** Whole lines by the names in them. */
  readonly env: GrowingMap<string>;
  readonly labels: GrowingMap<string>;
  readonly ports: GrowingMap<object>;
  readonly volumes: GrowingMap<object>;
  readonly triggers: GrowingList<string>;
}

export interface StageState {
  /** Variables: those of the config and the ARGs. */
  readonly scope: Scope;
  readonly args: GrowingMap<DeclaredArg>;
  /** As the base left it in what `collected` holds. */
  readonly config: ContainerConfig;
  readonly collected: Collected;
  readonly author: string | undefined;
  /** What the image says that it is made for. */
  readonly platform: Platform;
  readonly steps: GrowingList<Step>;
  readonly workdirSeen: boolean;
  readonly lastSeen: LastSeen;
  /** What the outline tells of this stage alone. */
  readonly argInfos: GrowingMap<ArgInfo>;
  /** Names, perhaps more than once. */
  readonly usedArgs: GrowingList<string>;
  readonly credentials: GrowingList<MountedCredential>;
}

/** The state with fields of the config replaced; a field that is undefined goes. */
export function withConfig(
  state: StageState,
  changes: { readonly [Field in keyof ContainerConfig]?: ContainerConfig[Field] | undefined },
): StageState {
  const config: Record<string, unknown> = { ...state.config, ...changes };
  for (const field of Object.keys(changes)) if (config[field] === undefined) delete config[field];
  return { ...state, config: config as ContainerConfig };
}

export function withStep(state: StageState, step: Step): StageState {
  return { ...state, steps: state.steps.with(step) };
}

export function collectedOf(config: ContainerConfig): Collected {
  return {
    env: growingMap((config.Env ?? []).map((line) => [splitVariable(line)[0], line])),
    labels: growingMap(Object.entries(config.Labels ?? {})),
    ports: growingMap(Object.entries(config.ExposedPorts ?? {})),
    volumes: growingMap(Object.entries(config.Volumes ?? {})),
    triggers: growingList(config.OnBuild),
  };
}

export function withCollected(state: StageState, changes: Partial<Collected>): StageState {
  return { ...state, collected: { ...state.collected, ...changes } };
}

/** The state with what was collected in its config. `before` is what its base left. */
export function withFinishedConfig(state: StageState, before: Collected): StageState {
  const { env, labels, ports, volumes, triggers } = state.collected;
  return withConfig(state, {
    ...(env !== before.env && { Env: Array.from(env.inFirstOrder(), ([, line]) => line) }),
    ...(labels !== before.labels && { Labels: Object.fromEntries(labels.inFirstOrder()) }),
    ...(ports !== before.ports && { ExposedPorts: emptyObjects(ports) }),
    ...(volumes !== before.volumes && { Volumes: emptyObjects(volumes) }),
    ...(triggers !== before.triggers && { OnBuild: [...triggers] }),
  });
}

function emptyObjects(names: GrowingMap<object>): Readonly<Record<string, Record<string, never>>> {
  return Object.fromEntries(Array.from(names.inFirstOrder(), ([name]) => [name, {}]));
}
