import type { Asking, BaseAnswer, BaseRequest, ParseTrigger } from './request.ts';

/** Brings planning to its end with answers that are at hand. */
export function settleNow<Outcome>(
  asking: Asking<Outcome>,
  find: (request: BaseRequest) => BaseAnswer,
  parseTrigger: ParseTrigger,
): Outcome {
  const bases = new Map<string, BaseAnswer>();
  let step = asking.next();
  while (!step.done) {
    for (const request of step.value.bases) bases.set(request.key, find(request));
    step = asking.next({ bases, parseTrigger });
  }
  return step.value;
}
