/** What the steps of one stage get and return: the types shared by `step.ts` and the kinds of steps. */
import type { CacheRecord, KeyPart, MissDetails } from '../cache/index.ts';
import type { Layer } from '../oci/index.ts';
import type { Stage, Step } from '../plan/index.ts';
import type { Call, StepId } from '../progress.ts';
import type { Chain } from './chain.ts';
import type { InFlight } from './in-flight.ts';
import type { Clock, LayerOutput, StepCache } from './services.ts';

/** What a look-up of a step and storing its result need. */
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
  /** Identifies this place in this build file across builds. */
  readonly slot: string;
  /** Identifies the place on every machine. */
  readonly place: string;
  readonly chain: Chain;
  /** Why the layers below changed since the last build, if they did: the first cause. */
  readonly cause: string | undefined;
  /** Text for the first cause if the cause is unknown. */
  readonly below: string;
}

export type WorkStep = Exclude<Step, { readonly kind: 'config' }>;

/** Returns the cached layer of the step if it is equal except for its times, else the new layer. */
export type Settle = (made: Layer | null) => Promise<Layer | null>;

/** The cache key and the work of one step. */
export interface Work {
  readonly parts: readonly KeyPart[];
  /** Key parts that need a look at files. */
  readonly content: () => Promise<readonly KeyPart[]>;
  /** Can replace `content` if something cheap identifies the same files: the chain of a stage. */
  readonly shortcut: () => Promise<readonly KeyPart[] | undefined>;
  /** False: the result does not depend on the layers below (`COPY --link`). */
  readonly onParent: boolean;
  /** What is known about the parts in addition to their values. Complete after `content` was called. */
  readonly details?: Pick<MissDetails, 'argNames' | 'causes'>;
  /** Does the work. Passes the new layer to `settle`, and returns the layer that `settle` chose. */
  readonly run: (settle: Settle) => Promise<Layer | null>;
  /** Releases the resources of the work. Called exactly once, also after a failure. */
  readonly end: () => Promise<void>;
}

/** For work that needs only its step and holds no resources. */
export const NOTHING_HELD = {
  shortcut: async () => undefined,
  end: async () => {},
  onParent: true,
} satisfies Partial<Work>;

export interface StepResult {
  readonly record: CacheRecord;
  /** Why the result changed since the last build, as text for the steps after it. Undefined if it did not change. */
  readonly cause: string | undefined;
}
