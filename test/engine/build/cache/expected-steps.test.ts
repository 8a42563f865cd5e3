import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readExpectation } from '../../../../src/engine/build/cache/expected-steps.ts';
import type { Stage, WorkPlan } from '../../../../src/plan/index.ts';
import { planOf } from '../../../plan/plan-support.ts';
import { refuses } from '../../../support/rejects.ts';

const test = suite('steps that are expected in the cache');

const { stages } = planOf(`FROM scratch AS files
COPY a /a
FROM scratch
COPY b /b
COPY --from=files /a /a
`);

/** The names of the steps whose miss is an error. */
function expectedSteps(names: readonly string[] | undefined): readonly string[] {
  const expectsHit = readExpectation(names, { stages } satisfies Pick<WorkPlan, 'stages'>);
  const steps = stages.flatMap((stage: Stage) => stage.steps.map((step) => ({ stage, step })));
  const found = steps.filter(({ stage, step }) => expectsHit?.(stage, step) === true);
  return found.map(({ step }) => step.name ?? '');
}

test('without the option no step is expected, without a name all are', () => {
  assert.is(readExpectation(undefined, { stages }), undefined);
  for (const names of [[''], ['true'], []]) assert.is(expectedSteps(names).length, 3, names.join());
});

test('a stage is named by its name or its number', () => {
  assert.equal(expectedSteps(['files']), ['COPY a /a']);
  assert.equal(expectedSteps(['FILES']), ['COPY a /a']);
  assert.equal(expectedSteps(['1']), ['COPY b /b', 'COPY --from=files /a /a']);
});

test('a step is named by the beginning of its instruction, in any case', () => {
  assert.equal(expectedSteps(['copy b']), ['COPY b /b']);
  assert.equal(expectedSteps(['COPY --from', 'files']), ['COPY a /a', 'COPY --from=files /a /a']);
});

test('a name that fits nothing is refused with the stages', async () => {
  const error = await refuses('usage', () => expectedSteps(['files', 'RUN make']), /`RUN make`/);
  assert.match(error.hint ?? '', /\(files\)/);
});

test.run();
