/** The closed plan: all steps of the build, with every base resolved. Plain data that can be printed, compared and sent. */
import type { Range } from '../instructions/index.ts';
import type { ContainerConfig, HistoryEntry, Platform, ResolvedImage } from '../oci/index.ts';

/** Position of the FROM in the file, from 0, as in `COPY --from=0`. Stages for named contexts continue the count. */
export type StageId = number;

export type Base =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: StageId }
  | { readonly kind: 'image'; readonly image: ResolvedImage }
  /** `--build-context name=dir` used as a base: the directory is the root filesystem. */
  | { readonly kind: 'context'; readonly context: string };

/** Where files come from. `context` is the name of a named context; '' is the main context. */
export type FileSource =
  | { readonly kind: 'context'; readonly context: string }
  | { readonly kind: 'stage'; readonly stage: StageId }
  | { readonly kind: 'image'; readonly image: ResolvedImage }
  | { readonly kind: 'scratch' };

export type CopySource =
  /** Go filepath.Match pattern, relative to the root of the source, clean; `..` stops at the root. `--parents`: `a/./b` has the pivot `a`. */
  | { readonly kind: 'path'; readonly pattern: string }
  | { readonly kind: 'inline'; readonly name: string; readonly content: string }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'git'; readonly url: string };

export type RunMount = { readonly target: string } & (
  | { readonly type: 'bind'; readonly from: FileSource; readonly source: string; readonly readonly: boolean }
  | {
      readonly type: 'cache';
      readonly id: string;
      readonly sharing: 'shared' | 'private' | 'locked';
      readonly readonly: boolean;
      readonly from: FileSource | undefined;
      readonly source: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly type: 'tmpfs'; readonly size: number | undefined }
  | {
      readonly type: 'secret';
      readonly id: string;
      /** Environment variable that gets the secret, in addition to the file or (`file` false) instead of it. */
      readonly env: string | undefined;
      readonly file: boolean;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | {
      readonly type: 'ssh';
      readonly id: string;
      readonly required: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
);

interface StepBase {
  /** Shown to users: `RUN make`, with variables expanded as BuildKit does. */
  readonly name: string;
  readonly range: Range;
  /** True for an ONBUILD trigger; `range` is then the range of the FROM. */
  readonly onbuild: boolean;
  /** The executor sets `created` after the step. `empty_layer` is what the plan expects. */
  readonly history: HistoryEntry;
}

export interface RunStep extends StepBase {
  readonly kind: 'run';
  /** The argv of the process, including the shell. */
  readonly args: readonly string[];
  /** Files in `/dev/pipes/` for heredoc scripts with a shebang. */
  readonly scripts: readonly { readonly name: string; readonly content: string }[];
  /** `NAME=value` in order, including declared ARGs. All of it is part of the cache key. */
  readonly env: readonly string[];
  /** Names in `env` that come from an ARG and not from an ENV. */
  readonly argNames: readonly string[];
  /** Proxy variables: visible to the step, not part of the cache key. */
  readonly unkeyedEnv: readonly string[];
  /** `USER` as written. Names are looked up in the root filesystem when the step runs. '' is root. */
  readonly user: string;
  readonly workdir: string;
  /** In mount order. */
  readonly mounts: readonly RunMount[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
}

export interface CopyStep extends StepBase {
  readonly kind: 'copy';
  readonly instruction: 'COPY' | 'ADD';
  readonly from: FileSource;
  readonly sources: readonly CopySource[];
  /** Absolute. With a trailing `/` it is a directory. */
  readonly destination: string;
  /** `user[:group]`, expanded. Names are looked up in the root filesystem. undefined: 0:0, or the owner in the source stage. */
  readonly chown: string | undefined;
  /** Octal or symbolic, already checked. */
  readonly chmod: string | undefined;
  readonly link: boolean;
  readonly parents: boolean;
  readonly excludes: readonly string[];
  readonly checksum: string | undefined;
  readonly keepGitDir: boolean;
  /** Whether archives are unpacked. undefined is the default of ADD (local yes, remote no). Always false for COPY. */
  readonly unpack: boolean | undefined;
}

export interface WorkdirStep extends StepBase {
  readonly kind: 'workdir';
  /** Absolute and clean. */
  readonly path: string;
  /** The current USER: owner of the new directory where BuildKit does the same. */
  readonly user: string;
}

export interface ConfigStep extends StepBase {
  readonly kind: 'config';
}

/** 18 instructions become three kinds of work, and changes of the config. */
export type Step = RunStep | CopyStep | WorkdirStep | ConfigStep;

export interface Stage {
  readonly id: StageId;
  /** In lower case. */
  readonly name: string | undefined;
  readonly base: Base;
  readonly platform: Platform;
  readonly steps: readonly Step[];
  /** The config after the last step. The executor creates `history` and `rootfs`. */
  readonly config: ContainerConfig;
  readonly author: string | undefined;
  readonly range: Range;
  /** Set in a plan for several platforms. */
  readonly origin?: StageOrigin;
}

/** Where a stage of a plan for several platforms comes from. */
export interface StageOrigin {
  /** Its number in the plan for one platform. */
  readonly number: StageId;
  /** True if it is the only stage of that plan. */
  readonly isOnly: boolean;
  /** Shown before its name: `linux/arm64`; `linux/amd64->arm64` if it runs on one platform and is used for one other. */
  readonly shown: string;
  /** The platform that it is built for; the first one, if it is built for several. */
  readonly target: Platform;
}

/** What is to be run: the stages of the plans for one or more platforms. */
export interface WorkPlan {
  readonly stages: readonly Stage[];
  /** The target of each platform, in the order of the plans. */
  readonly targets: readonly StageId[];
  readonly epoch: number | undefined;
}

export interface BuildPlan {
  readonly platform: Platform;
  /** The stages that the target needs, in file order. */
  readonly stages: readonly Stage[];
  readonly target: StageId;
  /** From SOURCE_DATE_EPOCH (build argument or environment), in seconds. */
  readonly epoch: number | undefined;
}
