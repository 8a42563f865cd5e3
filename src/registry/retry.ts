import { setTimeout as pause } from 'node:timers/promises';
import { MkimageError } from '../errors.ts';
import type { Call } from '../progress.ts';
import { isTemporary, retryAfterIn } from './registry-error.ts';

/** Delays are milliseconds and double from `firstDelay`. */
export interface RetryPolicy {
  readonly retries: number;
  readonly firstDelay: number;
  /** Also the longest `Retry-After` that is obeyed; a server that wants more is not waited for. */
  readonly longestDelay: number;
}

export const RETRIES: RetryPolicy = { retries: 5, firstDelay: 250, longestDelay: 30_000 };

/** Does the work, again after a pause where the failure may pass. Throws the last failure. */
export async function withRetries<T>(work: () => Promise<T>, policy: RetryPolicy, call: Call): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      await pauseAfter(error, failures, policy, call);
    }
  }
}

/** Waits as long as the policy says after this many failures, or throws the failure if it should not be tried again. */
export async function pauseAfter(error: unknown, failures: number, policy: RetryPolicy, call: Call): Promise<void> {
  const delay = delayAfter(error, failures, policy);
  if (delay === undefined) throw error;
  if (delay >= 2000)
    call.report({ type: 'note', message: `waiting ${Math.round(delay / 1000)} s: ${messageOf(error)}` });
  try {
    await pause(delay, undefined, { signal: call.signal });
  } catch {
    throw new MkimageError('cancelled', 'cancelled', { cause: call.signal.reason });
  }
}

function delayAfter(error: unknown, failures: number, policy: RetryPolicy): number | undefined {
  if (!isTemporary(error) || failures > policy.retries) return undefined;
  const asked = retryAfterIn(error);
  if (asked !== undefined) return asked > policy.longestDelay ? undefined : asked;
  // The random quarter keeps many builders from coming back all at once.
  return Math.min(policy.longestDelay, policy.firstDelay * 2 ** (failures - 1)) * (1 + Math.random() / 4);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
