import type { JournalEntry, StepJournal } from '../../../executor/index.ts';
import type { StageId, WorkPlan } from '../../../plan/index.ts';

/** Collects the results of all steps of a build, for caches that are written after it. */
export class BuildJournal {
  readonly #entries = new Map<string, JournalEntry>();

  readonly note: StepJournal = (entry) => void this.#entries.set(entry.place, entry);

  /** `stages`: only these; undefined: all. */
  entries(stages?: ReadonlySet<StageId>): readonly JournalEntry[] {
    return [...this.#entries.values()].filter(({ stage }) => stages?.has(stage) ?? true);
  }
}

/** Returns the stages whose layers are in the image: the targets and the stages that they are based on. */
export function findStagesOfImage({ stages, targets }: Pick<WorkPlan, 'stages' | 'targets'>): ReadonlySet<StageId> {
  const found = new Set<StageId>();
  for (const target of targets) {
    for (let at: StageId | undefined = target; at !== undefined && !found.has(at); ) {
      found.add(at);
      const base = stages.find(({ id }) => id === at)?.base;
      at = base?.kind === 'stage' ? base.stage : undefined;
    }
  }
  return found;
}
