/** The closed plan: what is to be done, with every base resolved. Pure data; it can be printed, compared, sent. */
import type { Range } from '../instructions/index.ts';
import type { ContainerConfig, HistoryEntry, Platform, ResolvedImage } from '../oci/index.ts';

/** Position of the FROM in the file, 0-based: `COPY --from=0`. Stages made for named contexts continue the count. */
export type StageId = number;

export type Base =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: StageId }
  | { readonly kind: 'image'; readonly image: ResolvedImage }
  /** `--build-context name=dir` used as a base: the directory is the root. */
  | { readonly kind: 'context'; readonly context: string };

/** Where files come from. `context` is the main one (name '') or a named one. */
export type FileSource =
  | { readonly kind: 'context'; readonly context: string }
  | { readonly kind: 'stage'; readonly stage: StageId }
  | { readonly kind: 'image'; readonly image: ResolvedImage }
  | { readonly kind: 'scratch' };

export type CopySource =
  /** Go filepath.Match pattern; relative to the source's root, already cleaned, `..` clamped. `--parents`: `a/./b` has the pivot `a`. */
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
      /** Also, or only, an environment variable. `file` false: no file is made. */
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
  /** What a person reads: `RUN make`, expanded as BuildKit shows it. */
  readonly name: string;
  readonly range: Range;
  /** Line of an ONBUILD trigger is that of the FROM. */
  readonly onbuild: boolean;
  /** `created` is filled in when the step is done; `empty_layer` as the plan expects it. */
  readonly history: HistoryEntry;
}

export interface RunStep extends StepBase {
  readonly kind: 'run';
  /** The argv that is executed, shell included. */
  readonly args: readonly string[];
  /** Files to be put into `/dev/pipes/` for heredoc scripts with a shebang. */
  readonly scripts: readonly { readonly name: string; readonly content: string }[];
  /** `NAME=value` in order, declared ARGs included; all of it is part of the key. */
  readonly env: readonly string[];
  /** Which of them no ENV has set: declared ARGs. */
  readonly argNames: readonly string[];
  /** Proxy variables: seen by the step, not part of the key. */
  readonly unkeyedEnv: readonly string[];
  /** `USER` as it stands: names are looked up in the root filesystem when the step runs. '' is root. */
  readonly user: string;
  readonly workdir: string;
  /** In the order in which they are mounted. */
  readonly mounts: readonly RunMount[];
  readonly network: 'default' | 'none' | 'host';
  readonly security: 'sandbox' | 'insecure';
}

export interface CopyStep extends StepBase {
  readonly kind: 'copy';
  readonly instruction: 'COPY' | 'ADD';
  readonly from: FileSource;
  readonly sources: readonly CopySource[];
  /** Absolute; a trailing `/` says that it is a directory. */
  readonly destination: string;
  /** `user[:group]`, expanded; names are looked up in the root filesystem. undefined: 0:0 (or as in a stage). */
  readonly chown: string | undefined;
  /** Octal or symbolic, checked. */
  readonly chmod: string | undefined;
  readonly link: boolean;
  readonly parents: boolean;
  readonly excludes: readonly string[];
  readonly checksum: string | undefined;
  readonly keepGitDir: boolean;
  /** Whether archives are unpacked: undefined is ADD's default (local yes, remote no); COPY is false. */
  readonly unpack: boolean | undefined;
}

export interface WorkdirStep extends StepBase {
  readonly kind: 'workdir';
  /** Absolute and clean. */
  readonly path: string;
  /** The USER in force, who will own what is created, if that is what BuildKit does. */
  readonly user: string;
}

export interface ConfigStep extends StepBase {
  readonly kind: 'config';
}

/** 18 instructions, three kinds of work, and edits of the config. */
export type Step = RunStep | CopyStep | WorkdirStep | ConfigStep;

export interface Stage {
  readonly id: StageId;
  /** Lower-cased name, if it has one. */
  readonly name: string | undefined;
  readonly base: Base;
  readonly platform: Platform;
  readonly steps: readonly Step[];
  /** The config after the last step; `history` and `rootfs` are put together by the executor. */
  readonly config: ContainerConfig;
  readonly author: string | undefined;
  readonly range: Range;
}

export interface BuildPlan {
  readonly platform: Platform;
  /** Only stages that the target needs, in file order. */
  readonly stages: readonly Stage[];
  readonly target: StageId;
  /** From SOURCE_DATE_EPOCH (build argument or environment); seconds. */
  readonly epoch: number | undefined;
}
