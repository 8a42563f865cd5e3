import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BuildJournal, findStagesOfImage } from '../../../../src/engine/build/cache/journal.ts';
import type { JournalEntry } from '../../../../src/executor/index.ts';
import type { Stage, StageId, WorkPlan } from '../../../../src/plan/index.ts';
import { planOf } from '../../../plan/plan-support.ts';

const test = suite('journal of a build');

const entry = (place: string, stage: StageId, key = 'k') =>
  ({ place, stage, keys: [key], record: {} }) as unknown as JournalEntry;

test('the last result of each place is kept', () => {
  const journal = new BuildJournal();
  for (const each of [entry('a', 0), entry('b', 1), entry('a', 0, 'later')]) journal.note(each);
  assert.equal(
    journal.entries().map(({ place, keys }) => `${place} ${keys}`),
    ['a later', 'b k'],
  );
});

test('results can be limited to stages', () => {
  const journal = new BuildJournal();
  for (const each of [entry('a', 0), entry('b', 1), entry('c', 2)]) journal.note(each);
  assert.equal(
    journal.entries(new Set([1, 2])).map(({ place }) => place),
    ['b', 'c'],
  );
  assert.equal(journal.entries(new Set()), []);
});

test('the stages of an image are the target and what it is based on, not what it copies from', () => {
  const plan = planOf(`FROM scratch AS base
COPY a /a
FROM scratch AS files
COPY b /b
FROM base AS middle
FROM middle
COPY --from=files /b /b
`);
  const found = findStagesOfImage({ stages: plan.stages, targets: [plan.target] });
  const names = plan.stages.filter(({ id }) => found.has(id)).map(({ name }: Stage) => name);
  assert.equal(names, ['base', 'middle', undefined]);
});

test('stages that are based on each other do not hang', () => {
  const stage = (id: StageId, on: StageId) => ({ id, base: { kind: 'stage', stage: on } }) as unknown as Stage;
  const plan: Pick<WorkPlan, 'stages' | 'targets'> = { stages: [stage(0, 1), stage(1, 0)], targets: [0] };
  assert.equal([...findStagesOfImage(plan)], [0, 1]);
});

test.run();
