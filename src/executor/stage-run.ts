/** What steps of one stage are given, and what each kind of step gives back: the words between `step.ts` and its kinds. */
import type { CacheRecord, KeyPart, MissDetails } from '../cache/index.ts';
import type { Layer } from '../oci/index.ts';
import type { Stage, Step } from '../plan/index.ts';
import type { Call, StepId } from '../progress.ts';
import type { Chain } from './chain.ts';
import type { InFlight } from './in-flight.ts';
import type { Clock, LayerOutput, StepCache } from './services.ts';

/** What looking a step up takes, and keeping its result. */
export interface StepRun {
  readonly services: StepCache & Clock & Pick<LayerOutput, 'trees'>;
  readonly stage: Stage;
  /** SOURCE_DATE_EPOCH, in seconds. */
  readonly epoch: number | undefined;
  readonly inFlight: InFlight<CacheRecord>;
  readonly call: Call;
}

export interface StepPlace {
  readonly id: StepId;
  /** `[build 2/5] RUN make`. */
  readonly title: string;
  /** Names this place in this build file across builds. */
  readonly slot: string;
  readonly chain: Chain;
  /** Why what is below is not what it was last time, if it is not: the first cause. */
  readonly cause: string | undefined;
  /** What stands for the first cause where nobody knows it. */
  readonly below: string;
}

export type WorkStep = Exclude<Step, { readonly kind: 'config' }>;

/** The layer that the cache has for the step where it is the same but for its times; else the layer that was made. */
export type Settle = (made: Layer | null) => Promise<Layer | null>;

/** How one step is keyed and done. */
export interface Work {
  readonly parts: readonly KeyPart[];
  /** Parts that are found by looking at files. */
  readonly content: () => Promise<readonly KeyPart[]>;
  /** Stands for `content` where something cheap names the same files: the chain of a stage. */
  readonly shortcut: () => Promise<readonly KeyPart[] | undefined>;
  /** False: the result does not depend on the layers below (`COPY --link`). */
  readonly onParent: boolean;
  /** What is known of the parts besides their values. Complete once `content` has been asked. */
  readonly details?: Pick<MissDetails, 'argNames' | 'causes'>;
  /** What was made goes through `settle`, which says what layer it is to be. */
  readonly run: (settle: Settle) => Promise<Layer | null>;
  /** Gives back what was held for the work; called once, whatever happened. */
  readonly end: () => Promise<void>;
}

/** Of work that looks no further than its step and holds nothing. */
export const NOTHING_HELD = {
  shortcut: async () => undefined,
  end: async () => {},
  onParent: true,
} satisfies Partial<Work>;

export interface StepResult {
  readonly record: CacheRecord;
  /** Why it is not what it was last time, in words for the steps after it; undefined if it is. */
  readonly cause: string | undefined;
}
