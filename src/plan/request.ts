import type { Diagnostic, Instruction } from '../instructions/index.ts';
import type { Platform, ResolvedImage } from '../oci/index.ts';
import type { BuildPlan } from './build-plan.ts';

/** What `--build-context name=…` stands for. Git and http contexts count as directories here. */
export type NamedContext =
  | { readonly kind: 'directory' }
  /** `scratch`, or an image reference; `shown` in its place where the reference is only ours. */
  | { readonly kind: 'image'; readonly reference: string; readonly shown?: string };

/** Reads the text of an ONBUILD trigger; `src/instructions` has one. Given as an answer, so that a plan needs no grammar. */
export type ParseTrigger = (
  text: string,
  escapeCharacter: '\\' | '`',
) => { readonly instructions: readonly Instruction[]; readonly diagnostics: readonly Diagnostic[] };

/** Everything besides the build file that a plan depends on. */
export interface PlanRequest {
  /** Stage name or number; undefined is the last stage. */
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: Platform;
  /** True if nobody asked for `platform`: then a base of another architecture decides what the image is. */
  readonly implicitPlatform?: boolean;
  readonly buildPlatform: Platform;
  /** By name as given; `name::os/arch` counts for that platform only. */
  readonly contexts: Readonly<Record<string, NamedContext>>;
  /** From `--label`; put on the target last. */
  readonly labels: Readonly<Record<string, string>>;
  /** For every RUN without `--network`. */
  readonly network?: 'default' | 'none' | 'host';
  /** The time of what `epochSource` named, if it has one. */
  readonly namedEpoch?: number | undefined;
  readonly hostname?: string;
  /** Judges context paths for the check CopyIgnoredFile; absent without an ignore file, or when one has `!` patterns. */
  readonly isIgnored?: (path: string) => boolean;
  /** Turns on what `# check=experimental=all` would. */
  readonly allChecks?: boolean;
}

/** An image that must be known before there can be a plan. */
export interface BaseRequest {
  /** What the answer is looked up by: `baseKey(reference, platform)`. */
  readonly key: string;
  /** Normalised. */
  readonly reference: string;
  readonly platform: Platform;
}

/** An image, or why it cannot be had (one line, lower case). */
export type BaseAnswer =
  | { readonly kind: 'image'; readonly image: ResolvedImage }
  | { readonly kind: 'failure'; readonly message: string; readonly hint?: string };

/** What has to be known before planning can go on. */
export interface Needs {
  /** Images that have no answer yet. */
  readonly bases: readonly BaseRequest[];
  /** A base has ONBUILD triggers, and nothing to read them with was given yet. */
  readonly parser: boolean;
}

/** All that planning has asked for until now: images by `BaseRequest.key`. */
export interface Answers {
  readonly bases: ReadonlyMap<string, BaseAnswer>;
  readonly parseTrigger?: ParseTrigger | undefined;
}

/** Work that stops where it needs to know something, and goes on from there with `next(answers)`. */
export type Asking<Outcome> = Generator<Needs, Outcome, Answers>;

export type PlanOutcome =
  | { readonly kind: 'plan'; readonly plan: BuildPlan; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'errors'; readonly diagnostics: readonly Diagnostic[] };
