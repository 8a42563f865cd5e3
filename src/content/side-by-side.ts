import { boundCall, type Call } from '../progress.ts';

export interface SideBySide<T, R> {
  /** How many are worked on at the same time. */
  readonly atOnce: number;
  /** Gets a call that is cancelled when another item has failed. */
  readonly work: (item: T, call: Call) => Promise<R>;
}

/**
 * Works on several items at once; the results are in the order of the items. The first failure stops the others, and is thrown when
 * all of them have ended: nothing goes on afterwards.
 */
export async function workSideBySide<T, R>(
  items: readonly T[],
  { atOnce, work }: SideBySide<T, R>,
  call: Call,
): Promise<R[]> {
  const { default: pLimit } = await import('p-limit');
  const limit = pLimit(atOnce);
  const stop = new AbortController();
  const bounded = boundCall(call, stop.signal);
  const running = items.map((item) => limit(() => work(item, bounded)));
  try {
    return await Promise.all(running);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(running);
    throw error;
  }
}
