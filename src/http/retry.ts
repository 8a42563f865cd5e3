/** Decides about retries and their delays. */
import { setTimeout as pause } from 'node:timers/promises';
import { MkimageError } from '../errors.ts';
import type { Call } from '../progress.ts';
import type { AnswerHead } from './answer.ts';
import { evidenceOf, type Fault, readFault } from './evidence.ts';
import type { HttpRequest, RetryPolicy } from './request.ts';

export const RETRIES: RetryPolicy = { retries: 5, firstDelay: 250, longestDelay: 30_000 };
export const NO_RETRIES: RetryPolicy = { ...RETRIES, retries: 0 };

/** Waits of at least this many milliseconds are reported. */
const LONG_DELAY = 2000;

/** True if the failed request can be sent again without a side effect happening twice. */
function mayRepeat({ method = 'GET', body, repeatable }: HttpRequest, { unsent }: Fault): boolean {
  if (body?.replayable === false) return false;
  return unsent || repeatable === true || (method !== 'POST' && method !== 'PATCH');
}

/** Milliseconds to wait after this many failures; undefined: no further retry. */
function computeBackoff(fault: Fault, failures: number, policy: RetryPolicy): number | undefined {
  if (!fault.temporary || failures > policy.retries) return undefined;
  const asked = fault.retryAfter;
  if (asked !== undefined) return asked > policy.longestDelay ? undefined : asked;
  // Up to 25 % of random delay, so that many builders do not retry at the same moment.
  return Math.min(policy.longestDelay, policy.firstDelay * 2 ** (failures - 1)) * (1 + Math.random() / 4);
}

/** Waits. Reports the reason if the wait is long. Throws `cancelled`. */
async function waitFor(delay: number, why: string, call: Call): Promise<void> {
  if (delay >= LONG_DELAY) call.report({ type: 'note', message: `waiting ${Math.round(delay / 1000)} s: ${why}` });
  call.log?.debug('http', 'request repeated', { why, after: Math.round(delay) });
  try {
    await pause(delay, undefined, { signal: call.signal });
  } catch {
    throw new MkimageError('cancelled', 'cancelled', { cause: call.signal.reason });
  }
}

/** Runs `work`, with retries as the policy allows. Returns the last answer or throws the last failure. */
export async function runWithRetries<T extends AnswerHead & { discard?(): void }>({
  request,
  policy,
  work,
  call,
}: Repetition<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    const outcome = await settle(work);
    const delay = computeDelay(outcome, { failures, request }, policy);
    if (outcome.failed) {
      if (delay === undefined) throw outcome.error;
      await waitFor(delay, messageOf(outcome.error), call);
    } else {
      if (delay === undefined) return outcome.answer;
      outcome.answer.discard?.();
      await waitFor(delay, `\`${outcome.answer.url.host}\` answered ${outcome.answer.status}`, call);
    }
  }
}

interface Repetition<T> {
  readonly request: HttpRequest;
  readonly policy: RetryPolicy;
  readonly work: () => Promise<T>;
  readonly call: Call;
}

type Settled<T> = { readonly failed: false; readonly answer: T } | { readonly failed: true; readonly error: unknown };

async function settle<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { failed: false, answer: await work() };
  } catch (error) {
    return { failed: true, error };
  }
}

interface Attempt {
  readonly failures: number;
  readonly request: HttpRequest;
}

function computeDelay(outcome: Settled<AnswerHead>, { failures, request }: Attempt, policy: RetryPolicy) {
  const fault = outcome.failed
    ? readFault(outcome.error)
    : { retryAfter: undefined, ...evidenceOf(outcome.answer), unsent: false };
  return mayRepeat(request, fault) ? computeBackoff(fault, failures, policy) : undefined;
}

interface Retrying {
  readonly failures: number;
  readonly policy: RetryPolicy;
}

/** Waits before the caller's own retry, after this many failures. Throws `error` if the policy allows no retry. */
export async function waitAfter(error: unknown, { failures, policy }: Retrying, call: Call): Promise<void> {
  const delay = computeBackoff(readFault(error), failures, policy);
  if (delay === undefined) throw error;
  await waitFor(delay, messageOf(error), call);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
