/** A stage between two instructions: everything that the next one can depend on or change. Never changed in place. */
import type { Range } from '../../instructions/index.ts';
import type { ContainerConfig, Platform } from '../../oci/index.ts';
import type { Step } from '../build-plan.ts';
import type { ArgInfo } from '../global-args.ts';
import type { Scope } from '../scope.ts';

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

export interface StageState {
  /** Variables: those of the config and the ARGs. */
  readonly scope: Scope;
  readonly args: readonly DeclaredArg[];
  readonly config: ContainerConfig;
  readonly author: string | undefined;
  /** What the image says that it is made for. */
  readonly platform: Platform;
  readonly steps: readonly Step[];
  readonly workdirSeen: boolean;
  readonly lastSeen: LastSeen;
  /** What the outline tells of this stage alone. */
  readonly argInfos: ReadonlyMap<string, ArgInfo>;
  readonly usedArgs: ReadonlySet<string>;
  readonly credentials: readonly MountedCredential[];
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
  return { ...state, steps: [...state.steps, step] };
}
