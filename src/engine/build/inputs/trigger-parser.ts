import type { ParseTrigger } from '../../../plan/index.ts';

/** Thrown by the stand-in: the parser is needed after all. */
const NEEDED = Symbol('the parser is needed');

/**
 * Calls the work with a parser for ONBUILD triggers, which is loaded only when the work asks for it: few bases have
 * triggers, and the parser is dear. The work may be called twice.
 */
export async function withTriggerParser<T>(work: (parseTrigger: ParseTrigger) => T): Promise<T> {
  try {
    return work(() => {
      throw NEEDED;
    });
  } catch (error) {
    if (error !== NEEDED) throw error;
  }
  const { parseTrigger } = await import('../../../instructions/index.ts');
  return work(parseTrigger);
}
