import type { Answers, Asking, BaseAnswer, BaseRequest, Needs } from '../../plan/index.ts';

/**
 * Answers the requests of planning until the plan is complete. The parser for ONBUILD triggers is loaded only on
 * request, because few bases have triggers and loading it is slow.
 */
export async function settlePlan<Outcome>(
  asking: Asking<Outcome>,
  find: (bases: readonly BaseRequest[]) => Promise<ReadonlyMap<string, BaseAnswer>>,
): Promise<Outcome> {
  let answers: Answers = { bases: new Map() };
  let step: IteratorResult<Needs, Outcome> = asking.next();
  while (!step.done) {
    const { bases, parser } = step.value;
    const found = bases.length === 0 ? [] : await find(bases);
    const parseTrigger = parser ? (await import('../../instructions/index.ts')).parseTrigger : answers.parseTrigger;
    answers = { bases: new Map([...answers.bases, ...found]), parseTrigger };
    step = asking.next(answers);
  }
  return step.value;
}
