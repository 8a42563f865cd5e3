import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mergePlans, takeUntil } from '../../src/plan/index.ts';
import { planOf } from './plan-support.ts';

const test = suite('parts of plans');

/** The names of the steps that are taken until those that contain a word. */
function takenOf(text: string, word: string): readonly (readonly string[])[] {
  const plan = mergePlans([planOf(text)]);
  const wanted = plan.stages.flatMap(({ steps }) => steps.filter(({ name }) => name.includes(word)));
  const { stages, targets } = takeUntil(plan, new Set(wanted));
  assert.equal(targets, []);
  return stages.map(({ steps }) => steps.filter(({ kind }) => kind !== 'config').map(({ name }) => name));
}

test('steps after the last wanted one are left out, and stages without one', () => {
  const text =
    'FROM one AS a\nRUN first\nRUN wanted\nRUN after\nFROM two AS b\nRUN other\nFROM three\nCOPY --from=a / /\nCOPY --from=b / /\n';
  assert.equal(takenOf(text, 'wanted'), [['RUN first', 'RUN wanted']]);
});

test('stages that are used before it are taken as a whole', () => {
  const text =
    'FROM one AS a\nRUN x\nFROM a AS b\nRUN y\nFROM two AS c\nRUN z\nFROM b\nRUN --mount=from=c,target=/c wanted\nCOPY --from=c / /\n';
  assert.equal(takenOf(text, 'wanted').flat(), ['RUN x', 'RUN y', 'RUN z', 'RUN --mount=from=c,target=/c wanted']);
});

test('a stage that is used only after the wanted step is left out', () => {
  const text = 'FROM one AS a\nRUN x\nFROM two\nRUN wanted\nCOPY --from=a / /\n';
  assert.equal(takenOf(text, 'wanted'), [['RUN wanted']]);
});

test('a stage that another wanted step uses is taken as a whole', () => {
  const text = 'FROM one AS a\nRUN wanted 1\nRUN after\nFROM two\nCOPY --from=a / /\nRUN wanted 2\n';
  assert.equal(takenOf(text, 'wanted').flat(), ['RUN wanted 1', 'RUN after', 'COPY --from=a / /', 'RUN wanted 2']);
});

test('nothing wanted is nothing taken', () => {
  assert.equal(takenOf('FROM one\nRUN x\n', 'wanted'), []);
});

test.run();
