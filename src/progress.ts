/**
 * Facts about running work, one serialisable union. Who reports does not format; tty, plain, json and quiet are four
 * readers of the same stream (src/cli/render). Events carry no clock: the reader stamps them.
 */
import type { Digest } from './oci/index.ts';

/** Names one unit of work within one build, e.g. `build/2` (stage and ordinal) or `export/0`. */
export type StepId = string;

export type ProgressEvent =
  /** A unit of work began. `name` is what a person reads: `[build 2/5] RUN make`. */
  | { readonly type: 'step-started'; readonly step: StepId; readonly name: string; readonly stage?: string }
  /** Its result was found in the cache; no `step-finished` follows. */
  | { readonly type: 'step-cached'; readonly step: StepId; readonly name: string; readonly stage?: string }
  /** Why a step has to run, one line: `COPY package.json changed (1 of 3 files: package.json)`. */
  | { readonly type: 'step-missed'; readonly step: StepId; readonly reason: string }
  | { readonly type: 'step-output'; readonly step: StepId; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** A transfer or a count within a step; `total` is absent while unknown. */
  | {
      readonly type: 'step-progress';
      readonly step: StepId;
      readonly item: string;
      readonly current: number;
      readonly total?: number;
      readonly unit: 'bytes' | 'files';
      readonly done: boolean;
    }
  | { readonly type: 'step-finished'; readonly step: StepId; readonly digest?: Digest }
  | { readonly type: 'step-failed'; readonly step: StepId; readonly error: string }
  /** Something the user should know but that stops nothing. */
  | { readonly type: 'warning'; readonly message: string; readonly hint?: string; readonly step?: StepId }
  | { readonly type: 'note'; readonly message: string };

/** What facts of the debug log are about. */
export const LOG_AREAS = [
  'engine',
  'plan',
  'context',
  'cache',
  'store',
  'registry',
  'http',
  'sandbox',
  'step',
] as const;
export type LogArea = (typeof LOG_AREAS)[number];

/** By name; what is undefined is left out. Times are milliseconds, sizes bytes. */
export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Takes what somebody wants to know who looks for a fault or a lost second. Where nobody does there is no log, and nothing is worked
 * out for it: `call.log?.debug('store', 'blob put', { digest, bytes })`. Whoever opened the log removes what may be secret from
 * all that it takes; still nobody hands it headers, bodies or the values of variables.
 */
export interface Log {
  debug(area: LogArea, message: string, facts?: LogFacts): void;
  /** From now on these values are masked wherever they stand. */
  hide(values: readonly string[]): void;
}

/** What every long call takes. */
export interface Call {
  readonly signal: AbortSignal;
  readonly report: (event: ProgressEvent) => void;
  /** Resolves when those who watch have taken in what was reported; undefined if they have. Who reports much waits for it. */
  readonly caughtUp?: (() => Promise<void> | undefined) | undefined;
  /** The debug log, if one is kept. */
  readonly log?: Log | undefined;
}

/** A call that nobody watches and nobody cancels: for tests and for short work. */
export function quietCall(): Call {
  return { signal: new AbortController().signal, report: () => {} };
}
