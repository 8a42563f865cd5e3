/**
 * Events about running work, as one serialisable union. The sender does not format them: tty, plain, json and quiet are four
 * readers of the same stream (src/cli/render). Events have no time: the reader adds it.
 */
import { setMaxListeners } from 'node:events';
import type { Digest } from './oci/index.ts';

/** ID of a unit of work within one build, e.g. `build/2` (stage and ordinal) or `export/0`. */
export type StepId = string;

export type ProgressEvent =
  /** A unit of work started. `name` is for display: `[build 2/5] RUN make`. */
  | { readonly type: 'step-started'; readonly step: StepId; readonly name: string; readonly stage?: string }
  /** The result was in the cache. No `step-finished` follows. */
  | { readonly type: 'step-cached'; readonly step: StepId; readonly name: string; readonly stage?: string }
  /** Why a step must run, on one line: `COPY package.json changed (1 of 3 files: package.json)`. */
  | { readonly type: 'step-missed'; readonly step: StepId; readonly reason: string }
  | { readonly type: 'step-output'; readonly step: StepId; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  /** Progress of a transfer or a count within a step; `total` is absent if unknown. */
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
  /** Information for the user about a problem that does not stop the work. */
  | { readonly type: 'warning'; readonly message: string; readonly hint?: string; readonly step?: StepId }
  | { readonly type: 'note'; readonly message: string };

/** Areas of the debug log. */
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

/** Facts by name; undefined ones are omitted. Times are in milliseconds, sizes in bytes. */
export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The debug log, for finding faults and slow parts. Without a log nothing is computed for it:
 * `call.log?.debug('store', 'blob written', { digest, bytes })`. The log removes secrets from its entries; still, callers must not
 * pass headers, bodies or values of variables.
 */
export interface Log {
  debug(area: LogArea, message: string, facts?: LogFacts): void;
  /** Masks these values in all later entries. */
  hide(values: readonly string[]): void;
}

/** Signal, reporter and log for long calls. */
export interface Call {
  readonly signal: AbortSignal;
  readonly report: (event: ProgressEvent) => void;
  /** Resolves when the readers have processed all events; undefined if they have. Senders of many events wait for it. */
  readonly drain?: (() => Promise<void> | undefined) | undefined;
  /** The debug log, if it is on. */
  readonly log?: Log | undefined;
}

/** A call without reporter and without cancellation: for tests and for short work. */
export function createQuietCall(): Call {
  return { signal: new AbortController().signal, report: () => {} };
}

/** The same call, which also ends when `stop` does. Any number of steps may wait for its end. */
export function boundCall<C extends Pick<Call, 'signal'>>(call: C, stop: AbortSignal): C {
  const signal = AbortSignal.any([call.signal, stop]);
  setMaxListeners(0, signal);
  return { ...call, signal };
}
