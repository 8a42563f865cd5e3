import type { Asking, BaseAnswer, BaseRequest, ParseTrigger } from './request.ts';

/** Completes planning with answers that are available synchronously. */
export function runPlanning<Outcome>(
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
