/** `--cache-to type=inline`: the records of the image's own steps, in its config. */
import type { BuildRequest } from '../../../api/index.ts';
import { createInlineRecords, INLINE_MEMBER } from '../../../cache/index.ts';
import type { StageResult } from '../../../executor/index.ts';
import type { WorkPlan } from '../../../plan/index.ts';
import { type BuildJournal, findStagesOfImage } from './journal.ts';

export interface InlinedBuild {
  readonly plan: Pick<WorkPlan, 'stages' | 'targets'>;
  readonly journal: BuildJournal;
}

/** Returns the results with their records, or unchanged ones without such a target. */
export function addInlineCache(
  built: readonly StageResult[],
  { cacheTo }: Pick<BuildRequest, 'cacheTo'>,
  { plan, journal }: InlinedBuild,
): readonly StageResult[] {
  if (!cacheTo.some(({ location }) => location.type === 'inline')) return built;
  const entries = journal.entries(findStagesOfImage(plan));
  return built.map((each) => {
    const own = new Set(each.chain.layers.map(({ diffId }) => diffId));
    const records = entries.filter(({ record }) => record.layer === null || own.has(record.layer.diffId));
    return { ...each, config: { ...each.config, [INLINE_MEMBER]: createInlineRecords(records) } };
  });
}
