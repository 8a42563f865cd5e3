import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { settlePlan } from '../../../src/engine/build/settle-plan.ts';
import { MkimageError } from '../../../src/errors.ts';
import { parseBuildFile } from '../../../src/instructions/index.ts';
import { type BaseRequest, createPlan } from '../../../src/plan/index.ts';
import { answer, planRequest } from '../../plan/plan-support.ts';
import { refuses } from '../../support/rejects.ts';

const test = suite('settling a plan');

async function settled(text: string) {
  const rounds: string[][] = [];
  const outcome = await settlePlan(
    createPlan(parseBuildFile(text), planRequest()),
    async (bases: readonly BaseRequest[]) => {
      rounds.push(bases.map(({ reference }) => reference.replace('docker.io/library/', '')));
      return new Map(bases.map((base) => [base.key, answer(base)]));
    },
  );
  return { rounds, outcome };
}

test('asks for all bases that are known to be needed at once, and for each only once', async () => {
  const { rounds, outcome } = await settled('FROM one AS a\nFROM two\nCOPY --from=a /x /x\nCOPY --from=one /y /y\n');
  assert.is(outcome.kind, 'plan');
  assert.equal(
    rounds.map((round) => [...round].sort()),
    [['one:latest', 'two:latest']],
  );
});

test('reads the triggers of a base, and asks for what they need', async () => {
  const { rounds, outcome } = await settled('FROM triggers\n');
  assert.equal(rounds, [['triggers:latest'], ['tools:latest']]);
  const steps =
    outcome.kind === 'plan' ? outcome.plan.stages.flatMap(({ steps }) => steps.map(({ kind }) => kind)) : [];
  assert.equal(steps, ['config', 'copy', 'run']);
});

test('asks for nothing where nothing is needed', async () => {
  const { rounds, outcome } = await settled('FROM scratch\nCOPY a /a\n');
  assert.equal([rounds, outcome.kind], [[], 'plan']);
});

test('what goes wrong while a base is looked for is thrown on', async () => {
  const asking = createPlan(parseBuildFile('FROM one\n'), planRequest());
  const find = async () => {
    throw new MkimageError('cancelled', 'no more');
  };
  await refuses('cancelled', () => settlePlan(asking, find));
});

test.run();
