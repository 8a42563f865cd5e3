import type { Diagnostic, Instruction } from '../instructions/index.ts';
import type { Platform, ResolvedImage } from '../oci/index.ts';
import type { BuildPlan } from './build-plan.ts';

/** The value of `--build-context name=…`. Git and HTTP contexts are directories here. */
export type NamedContext =
  | { readonly kind: 'directory' }
  /** `scratch`, or an image reference. Messages use `shown` where the reference is an internal name. */
  | { readonly kind: 'image'; readonly reference: string; readonly shown?: string };

/** Parses the text of an ONBUILD trigger (`parseTrigger` of `src/instructions`). Part of the answers, so that the plan does not load the grammar. */
export type ParseTrigger = (
  text: string,
  escapeCharacter: '\\' | '`',
) => { readonly instructions: readonly Instruction[]; readonly diagnostics: readonly Diagnostic[] };

/** All inputs of a plan except the build file. */
export interface PlanRequest {
  /** Stage name or number. undefined is the last stage. */
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: Platform;
  /** True if the user did not set `platform`. The platform of the base is then the platform of the image. */
  readonly implicitPlatform?: boolean;
  readonly buildPlatform: Platform;
  /** By name. `name::os/arch` applies to that platform only. */
  readonly contexts: Readonly<Record<string, NamedContext>>;
  /** From `--label`. They override the labels of the target stage. */
  readonly labels: Readonly<Record<string, string>>;
  /** The network of every RUN without `--network`. */
  readonly network?: 'default' | 'none' | 'host';
  /** The time, in seconds, of the source that `findEpochSource` returned, if it has a time. */
  readonly namedEpoch?: number | undefined;
  readonly hostname?: string;
  /** For the check CopyIgnoredFile. Not set without an ignore file, or if the ignore file has `!` patterns. */
  readonly isIgnored?: (path: string) => boolean;
  /** Same effect as `# check=experimental=all`. */
  readonly allChecks?: boolean;
}

/** An image that the caller must resolve before a plan can be created. */
export interface BaseRequest {
  /** Key of the answer in `bases`: `createBaseKey(reference, platform)`. */
  readonly key: string;
  /** Normalised. */
  readonly reference: string;
  readonly platform: Platform;
}

/** An image, or why it is not available (one line, lower case). */
export type BaseAnswer =
  | { readonly kind: 'image'; readonly image: ResolvedImage }
  | { readonly kind: 'failure'; readonly message: string; readonly hint?: string };

/** The information that planning needs to continue. */
export interface Needs {
  /** Images that have no answer yet. */
  readonly bases: readonly BaseRequest[];
  /** True if a base has ONBUILD triggers and the answers have no `parseTrigger` yet. */
  readonly parser: boolean;
}

/** All answers so far. Images by `BaseRequest.key`. */
export interface Answers {
  readonly bases: ReadonlyMap<string, BaseAnswer>;
  readonly parseTrigger?: ParseTrigger | undefined;
}

/** A generator that yields what it needs to know, and continues with `next(answers)`. */
export type Asking<Outcome> = Generator<Needs, Outcome, Answers>;

export type PlanOutcome =
  | { readonly kind: 'plan'; readonly plan: BuildPlan; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'errors'; readonly diagnostics: readonly Diagnostic[] };
