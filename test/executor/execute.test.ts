import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MkimageError } from '../../src/errors.ts';
import type { ProgressEvent } from '../../src/progress.ts';
import { type Building, stepsIn, workshop } from '../fakes/executor-services.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('running a plan');

/** What was reported by a build that fails, and its error. */
async function failing(text: string, more: Building = {}) {
  const shop = workshop();
  const events: ProgressEvent[] = [];
  const work = shop.build(text, { ...more, hear: (event) => events.push(event) });
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason as MkimageError,
  );
  if (error === undefined) throw new Error('it did not fail');
  return { error, steps: stepsIn(events), events, shop };
}

test('gives the layers of the target and its config', async () => {
  const { files, chain, config } = await workshop().build('FROM scratch\nRUN put a one\nENV X=1\nRUN put b two\n');
  assert.equal(files, ['a: one', 'b: two']);
  assert.equal(
    config.rootfs.diff_ids,
    chain.layers.map(({ diffId }) => diffId),
  );
  assert.equal(
    config.history.map(({ created_by, empty_layer }) => [created_by?.split(' ')[0], empty_layer ?? false]),
    [
      ['RUN', false],
      ['ENV', true],
      ['RUN', false],
    ],
  );
});

test('does nothing a second time but look', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nRUN put a one\nCOPY b /b\nWORKDIR /w\n';
  const first = await shop.build(text, { files: { b: 'two' } });
  const [done, written] = [shop.roots.log.length, shop.layers.written()];
  const second = await shop.build(text, { files: { b: 'two' } });
  assert.equal(second.steps, ['cached 0/2', 'cached 0/3', 'cached 0/4']);
  assert.equal([shop.roots.log.length, shop.layers.written()], [done, written]);
  assert.equal([second.chain, second.config], [first.chain, first.config]);
});

test('opens neither sandbox nor snapshots where no RUN has to run', async () => {
  const refused = async (): Promise<never> => {
    throw new Error('it was opened');
  };
  const { files } = await workshop().build('FROM scratch\nCOPY a /a\nWORKDIR /w\n', {
    files: { a: '1' },
    services: { snapshotter: refused, sandbox: refused },
  });
  assert.equal(files, ['a: 1', 'w/']);
});

test('does what two stages have in common once', async () => {
  const shop = workshop();
  const same = 'RUN put a one\n';
  const text = `FROM scratch AS x\n${same}FROM scratch AS y\n${same}FROM scratch\nCOPY --from=x /a /1\nCOPY --from=y /a /2\n`;
  const { files, steps } = await shop.build(text);
  assert.equal(files, ['1: one', '2: one']);
  assert.equal(shop.roots.log.filter((line) => line.startsWith('run')).length, 1);
  assert.equal(steps.filter((line) => /[01]\/2/.test(line)).sort(), ['cached 1/2', 'ran 0/2']);
});

test('does nothing for a stage that the target does not need', async () => {
  const shop = workshop();
  const { files } = await shop.build('FROM scratch AS unused\nRUN fail 1\nFROM scratch\nRUN put a one\n');
  assert.equal(files, ['a: one']);
  assert.equal(
    shop.roots.log.filter((line) => line.startsWith('run')),
    ['run put a one'],
  );
});

test('works on stages that do not need each other at the same time', async () => {
  const started: string[] = [];
  let both: () => void = () => {};
  const met = new Promise<void>((settle) => {
    both = settle;
  });
  const shop = workshop(async ({ process }) => {
    started.push(process.args.at(-1) ?? '');
    if (started.length === 2) both();
    await met;
    return {};
  });
  await shop.build('FROM scratch AS a\nRUN a\nFROM scratch AS b\nRUN b\nFROM a\nCOPY --from=b . /\n');
  assert.equal(started.sort(), ['a', 'b']);
});

test('a step that fails cancels the others, and is all that is reported of the build', async () => {
  const text = 'FROM scratch AS slow\nRUN wait\nFROM scratch AS bad\nRUN fail 3\nFROM slow\nCOPY --from=bad / /\n';
  const { error, steps, events } = await failing(text);
  assert.equal(
    [error.code, error.message],
    ['step-failed', 'process `/bin/sh -c fail 3` did not complete successfully: exit code: 3'],
  );
  assert.equal([...steps].sort(), ['failed 0/2', 'failed 1/2']);
  const texts = events.flatMap((event) => (event.type === 'step-failed' ? [event.error] : []));
  assert.is(texts.filter((each) => each === 'CANCELED').length, 1);
});

test('a failure that two stages wait for is reported once', async () => {
  const text =
    'FROM scratch AS bad\nRUN fail 3\nFROM bad AS one\nRUN nothing\nFROM bad AS two\nRUN put a b\nFROM one\nCOPY --from=two / /\n';
  const { steps } = await failing(text);
  assert.equal(steps, ['failed 0/2']);
});

test('a failed step says its place, its last words and its log', async () => {
  const { error, shop } = await failing('FROM scratch\nRUN nothing\nRUN say almost; fail 7\n');
  assert.is(error.place?.range.start.line, 3);
  const evidence = error.evidence as {
    readonly exitCode: number;
    readonly tail: readonly string[];
    readonly log: string;
  };
  assert.is(evidence.exitCode, 7);
  assert.equal([...evidence.tail].sort(), ['almost', 'it is broken']);
  assert.ok(evidence.log.startsWith(shop.services.logs));
});

test('a build that is cancelled ends as that', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 30);
  const { error, steps } = await failing('FROM scratch\nRUN wait\n', {
    signal: stop.signal,
  });
  assert.is(error.code, 'cancelled');
  assert.equal(steps, ['failed 0/2']);
});

test('a source that is missing ends the build at once, with its place, while steps run', async () => {
  const { error, steps } = await failing('FROM scratch\nRUN wait\nCOPY none /\n');
  assert.equal([error.code, error.message, error.hint], ['source-missing', '`none` is not there', 'look for it']);
  assert.is(error.place?.range.start.line, 3);
  assert.equal(steps, ['failed 0/2']);
});

test('a mount whose source is missing names its line', async () => {
  const { error } = await failing('FROM scratch\nENV A=1\nRUN --mount=type=bind,source=none,target=/m nothing\n');
  assert.equal(
    [error.code, error.message, error.place?.range.start.line],
    ['source-missing', '`none` is not there', 3],
  );
});

test('what steps leave is gone when the build is over, also when it failed', async () => {
  const shop = workshop();
  await shop.build('FROM scratch\nRUN put a b\nRUN nothing\n');
  await rejects(shop.build('FROM scratch\nRUN fail 1\n'), 'step-failed');
  assert.equal(readdirSync(shop.services.scratch), []);
});

test('a plan without its target is a fault of ours', async () => {
  const { services } = workshop();
  const { executePlan } = await import('../../src/executor/index.ts');
  const plan = { stages: [], targets: [3], epoch: undefined };
  const call = { signal: new AbortController().signal, report: () => {} };
  await rejects(executePlan(plan, services, call), 'internal', /no stage 3/);
});

test.run();
