import type { ProgressEvent, StepId } from '../../progress.ts';

export interface Transfer {
  readonly item: string;
  readonly current: number;
  readonly total: number | undefined;
  readonly unit: 'bytes' | 'files';
  readonly done: boolean;
  /** Units per second; undefined for the first half second. */
  readonly rate: number | undefined;
  /** The first report. */
  readonly begun: { readonly at: number; readonly amount: number };
}

/** The rate of a shorter time says nothing. */
const LEAST_MS = 500;

/** Current state of one step. Times are milliseconds since 1970, taken when the event arrives. */
export interface StepView {
  readonly id: StepId;
  /** Starts at 1, in the order of the steps' first events. */
  readonly number: number;
  name: string;
  state: 'waiting' | 'running' | 'done' | 'cached' | 'failed';
  startedAt: number;
  finishedAt: number | undefined;
  missed: string | undefined;
  readonly transfers: Map<string, Transfer>;
}

/** Current state of all steps, updated by events. */
export class StepTable {
  readonly #steps = new Map<StepId, StepView>();

  get steps(): Iterable<StepView> {
    return this.#steps.values();
  }

  /** Applies an event and returns its step; undefined if the event has none. */
  apply(event: ProgressEvent, now: number): StepView | undefined {
    if (event.type === 'note' || !('step' in event) || event.step === undefined) return undefined;
    const step = this.#steps.get(event.step) ?? this.#add(event.step, now);
    update(step, event, now);
    return step;
  }

  #add(id: StepId, now: number): StepView {
    const step: StepView = {
      id,
      number: this.#steps.size + 1,
      name: id,
      state: 'waiting',
      startedAt: now,
      finishedAt: undefined,
      missed: undefined,
      transfers: new Map(),
    };
    this.#steps.set(id, step);
    return step;
  }
}

function update(step: StepView, event: ProgressEvent, now: number): void {
  switch (event.type) {
    case 'step-started':
      Object.assign(step, { name: event.name, state: 'running', startedAt: now });
      break;
    case 'step-cached':
      Object.assign(step, { name: event.name, state: 'cached', finishedAt: now });
      break;
    case 'step-missed':
      step.missed = event.reason;
      break;
    case 'step-progress':
      step.transfers.set(event.item, createTransfer(event, step.transfers.get(event.item), now));
      break;
    case 'step-finished':
      Object.assign(step, { state: 'done', finishedAt: now });
      break;
    case 'step-failed':
      Object.assign(step, { state: 'failed', finishedAt: now });
      break;
    case 'step-output':
    case 'warning':
    case 'note':
      break;
    default:
      event satisfies never;
  }
}

function createTransfer(
  { item, current, total, unit, done }: Extract<ProgressEvent, { type: 'step-progress' }>,
  before: Transfer | undefined,
  now: number,
): Transfer {
  const begun = before?.begun ?? { at: now, amount: current };
  const elapsed = now - begun.at;
  const rate = elapsed < LEAST_MS ? before?.rate : ((current - begun.amount) * 1000) / elapsed;
  return { item, current, total, unit, done, begun, rate };
}

/** Run time of a step so far (milliseconds). */
export function measureElapsed(step: StepView, now: number): number {
  return (step.finishedAt ?? now) - step.startedAt;
}
