/** The state of a stage between two instructions. Immutable. */
import type { Range } from '../../instructions/index.ts';
import type { ContainerConfig, Platform } from '../../oci/index.ts';
import type { Step } from '../build-plan.ts';
import type { ArgInfo } from '../stages/global-args.ts';
import {
  createGrowingList,
  createGrowingMap,
  type GrowingList,
  type GrowingMap,
} from '../words/growing-collections.ts';
import { type Scope, splitVariable } from '../words/scope.ts';

/** An ARG of this stage or of its base stages. The history of a RUN contains it. */
export interface DeclaredArg {
  readonly name: string;
  readonly value: string | undefined;
}

/** A secret or SSH socket that a RUN mounts, for the outline. */
export interface MountedCredential {
  readonly kind: 'secret' | 'ssh';
  readonly id: string;
  readonly required: boolean;
  readonly range: Range;
}

/** Ranges of the last CMD, ENTRYPOINT and HEALTHCHECK: only the last one in a stage has an effect. */
export interface LastSeen {
  readonly cmd?: Range;
  readonly entrypoint?: Range;
  readonly healthcheck?: Range;
}

/** Config members that instructions extend one by one. Written to the config at the end of the stage. */
export interface CollectedConfig {
  /** `NAME=value` lines by name. */
  readonly env: GrowingMap<string>;
  readonly labels: GrowingMap<string>;
  readonly ports: GrowingMap<object>;
  readonly volumes: GrowingMap<object>;
  readonly triggers: GrowingList<string>;
}

export interface StageState {
  /** Variables of the config, and ARGs. */
  readonly scope: Scope;
  readonly args: GrowingMap<DeclaredArg>;
  /** Members that are also in `collected` have the value from the base. */
  readonly config: ContainerConfig;
  readonly collected: CollectedConfig;
  readonly author: string | undefined;
  /** The platform in the config of the image. */
  readonly platform: Platform;
  readonly steps: GrowingList<Step>;
  readonly workdirSeen: boolean;
  readonly lastSeen: LastSeen;
  /** Arguments that this stage declares, for the outline. */
  readonly argInfos: GrowingMap<ArgInfo>;
  /** Names, with duplicates. */
  readonly usedArgs: GrowingList<string>;
  readonly credentials: GrowingList<MountedCredential>;
}

/** The state with fields of the config replaced. A field with the value undefined is removed. */
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

export function collectConfig(config: ContainerConfig): CollectedConfig {
  return {
    env: createGrowingMap((config.Env ?? []).map((line) => [splitVariable(line)[0], line])),
    labels: createGrowingMap(Object.entries(config.Labels ?? {})),
    ports: createGrowingMap(Object.entries(config.ExposedPorts ?? {})),
    volumes: createGrowingMap(Object.entries(config.Volumes ?? {})),
    triggers: createGrowingList(config.OnBuild),
  };
}

export function withCollected(state: StageState, changes: Partial<CollectedConfig>): StageState {
  return { ...state, collected: { ...state.collected, ...changes } };
}

/** The state with the collected members in its config. `before` is the state of the base. */
export function withCollectedConfig(state: StageState, before: CollectedConfig): StageState {
  const { env, labels, ports, volumes, triggers } = state.collected;
  return withConfig(state, {
    ...(env !== before.env && { Env: Array.from(env.listInFirstOrder(), ([, line]) => line) }),
    ...(labels !== before.labels && { Labels: Object.fromEntries(labels.listInFirstOrder()) }),
    ...(ports !== before.ports && { ExposedPorts: toEmptyObjects(ports) }),
    ...(volumes !== before.volumes && { Volumes: toEmptyObjects(volumes) }),
    ...(triggers !== before.triggers && { OnBuild: [...triggers] }),
  });
}

function toEmptyObjects(names: GrowingMap<object>): Readonly<Record<string, Record<string, never>>> {
  return Object.fromEntries(Array.from(names.listInFirstOrder(), ([name]) => [name, {}]));
}
