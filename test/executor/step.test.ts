import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CacheRecord } from '../../src/cache/index.ts';
import { MkimageError } from '../../src/errors.ts';
import { chainOf, EMPTY } from '../../src/executor/chain.ts';
import { InFlight } from '../../src/executor/in-flight.ts';
import type { StepPlace, StepRun, Work, WorkStep } from '../../src/executor/stage-run.ts';
import { NOTHING_HELD } from '../../src/executor/stage-run.ts';
import { resolveStep } from '../../src/executor/step.ts';
import { digestOf, type Layer, MEDIA_TYPE } from '../../src/oci/index.ts';
import type { Stage } from '../../src/plan/index.ts';
import type { ProgressEvent } from '../../src/progress.ts';
import { memoryCache } from '../fakes/memory-cache.ts';

const test = suite('one step');

const layer = (name: string): Layer => ({
  diffId: digestOf(name),
  blob: { mediaType: MEDIA_TYPE.layer, digest: digestOf(name), size: 1 },
});
const STEP = { kind: 'run', name: 'RUN make' } as unknown as WorkStep;
const PLACE: StepPlace = {
  id: '0/2',
  title: '[2/2] RUN make',
  slot: 'slot',
  place: 'place',
  chain: EMPTY,
  cause: undefined,
  below: 'the base image changed',
};

/** One machine on which a step is resolved again and again. */
function bench(settings: { readonly epoch?: number; readonly fresh?: () => boolean } = {}) {
  const events: ProgressEvent[] = [];
  const lost = new Set<string>();
  const stop = new AbortController();
  let seconds = 0;
  const cache = memoryCache();
  const run: StepRun = {
    services: {
      cache,
      hasLayer: async ({ diffId }) => !lost.has(diffId),
      skipsCache: settings.fresh ?? (() => false),
      slotScope: () => 'test',
      placeScope: () => 'test',
      now: () => new Date(++seconds * 1000).toISOString(),
      trees: {
        remember: () => {},
        sameButTimes: async (one, other) => one.blob.size === other.blob.size,
      },
    },
    stage: { id: 0, name: 'app', platform: { os: 'linux', architecture: 'amd64' } } as unknown as Stage,
    epoch: settings.epoch,
    inFlight: new InFlight<CacheRecord>(),
    call: { signal: stop.signal, report: (event) => events.push(event) },
  };
  return { run, events, lost, cache, stop };
}

interface Doing extends Partial<Work> {
  readonly input?: string;
  readonly makes?: () => Promise<Layer | null>;
}

/** Work with one input, that counts how often it was done and ended. */
function workOf({ input = 'x', makes = async () => layer('made'), ...more }: Doing = {}) {
  const done = { runs: 0, ends: 0, looks: 0 };
  const work: Work = {
    ...NOTHING_HELD,
    parts: [{ name: 'command', value: input }],
    content: async () => {
      done.looks += 1;
      return [];
    },
    run: async (settle) => {
      done.runs += 1;
      return settle(await makes());
    },
    end: async () => {
      done.ends += 1;
    },
    ...more,
  };
  return { work, done };
}

const types = (events: readonly ProgressEvent[]) => events.map(({ type }) => type);
const reasons = (events: readonly ProgressEvent[]) =>
  events.flatMap((event) => (event.type === 'step-missed' ? [event.reason] : []));

test('that is in the cache adds its layer and does no work', async () => {
  const { run, events } = bench();
  const first = await resolveStep(run, PLACE, { step: STEP, work: workOf().work });
  events.length = 0;
  const { work, done } = workOf();
  const { record, cause } = await resolveStep(run, PLACE, { step: STEP, work });
  assert.equal([record, cause], [first.record, undefined]);
  assert.equal([done.runs, done.ends], [0, 1]);
  assert.equal(events, [{ type: 'step-cached', step: '0/2', name: '[2/2] RUN make', stage: 'app' }]);
});

test('that is not there is started, explained, done and kept', async () => {
  const { run, events } = bench();
  const { record } = await resolveStep(run, PLACE, { step: STEP, work: workOf().work });
  const { ms, ...known } = record;
  assert.ok(ms! >= 0);
  assert.equal(known, {
    parts: [{ name: 'command', value: 'x' }],
    layer: layer('made'),
    createdAt: '1970-01-01T00:00:01.000Z',
  });
  assert.equal(types(events), ['step-started', 'step-missed', 'step-finished']);
  assert.equal(events.at(-1), { type: 'step-finished', step: '0/2', digest: layer('made').diffId });
});

test('that changed nothing is kept as that', async () => {
  const { run, events } = bench();
  const nothing = () => workOf({ makes: async () => null });
  await resolveStep(run, PLACE, { step: STEP, work: nothing().work });
  assert.equal(events.at(-1), { type: 'step-finished', step: '0/2' });
  const { work, done } = nothing();
  assert.is((await resolveStep(run, PLACE, { step: STEP, work })).record.layer, null);
  assert.is(done.runs, 0);
});

test('whose layer the store has lost is done again', async () => {
  const { run, lost } = bench();
  await resolveStep(run, PLACE, { step: STEP, work: workOf().work });
  lost.add(layer('made').diffId);
  const { work, done } = workOf();
  await resolveStep(run, PLACE, { step: STEP, work });
  assert.is(done.runs, 1);
});

function misses(what: string, change: (one: ReturnType<typeof bench>) => Partial<StepRun> | Partial<StepPlace>): void {
  test(`of ${what} is another step`, async () => {
    const one = bench();
    await resolveStep(one.run, PLACE, { step: STEP, work: workOf().work });
    const { work, done } = workOf();
    const changed = change(one);
    await resolveStep({ ...one.run, ...changed } as StepRun, { ...PLACE, ...changed } as StepPlace, {
      step: STEP,
      work,
    });
    assert.is(done.runs, 1);
  });
}
misses('another platform', ({ run }) => ({
  stage: { ...run.stage, platform: { os: 'linux', architecture: 'arm64' } },
}));
misses('another time to which all is set', () => ({ epoch: 5 }));
misses('another chain below', () => ({ chain: chainOf([layer('base')]) }));

test('that does not depend on what is below is found on any chain', async () => {
  const { run } = bench();
  const linked = () => workOf({ onParent: false });
  await resolveStep(run, PLACE, { step: STEP, work: linked().work });
  const { work, done } = linked();
  await resolveStep(run, { ...PLACE, chain: chainOf([layer('base')]) }, { step: STEP, work });
  assert.is(done.runs, 0);
});

test('with a shortcut is found without its files being looked at, once it was known', async () => {
  const { run } = bench();
  const short = () => workOf({ shortcut: async () => [{ name: 'files of chain', value: 'c' }] });
  const first = short();
  await resolveStep(run, PLACE, { step: STEP, work: first.work });
  assert.is(first.done.looks, 1);
  const second = short();
  await resolveStep(run, PLACE, { step: STEP, work: second.work });
  assert.equal([second.done.looks, second.done.runs], [0, 0]);
});

test('whose files were found the long way is found by the shortcut next time', async () => {
  const { run } = bench();
  await resolveStep(run, PLACE, { step: STEP, work: workOf().work });
  const short = () => workOf({ shortcut: async () => [{ name: 'files of chain', value: 'c' }] });
  await resolveStep(run, PLACE, { step: STEP, work: short().work });
  const third = short();
  await resolveStep(run, PLACE, { step: STEP, work: third.work });
  assert.equal([third.done.looks, third.done.runs], [0, 0]);
});

test('that is asked for by two at once is done by one', async () => {
  const { run, events } = bench();
  const one = workOf();
  const two = workOf();
  const [first, second] = await Promise.all([
    resolveStep(run, PLACE, { step: STEP, work: one.work }),
    resolveStep(run, { ...PLACE, id: '1/2', slot: 'other' }, { step: STEP, work: two.work }),
  ]);
  assert.is(first.record, second.record);
  assert.equal([one.done.runs + two.done.runs, one.done.ends, two.done.ends], [1, 1, 1]);
  assert.equal(types(events).filter((type) => type === 'step-cached').length, 1);
});

test('of a stage that is not looked up runs, and keeps the older record if it made the same', async () => {
  let fresh = false;
  const { run, events } = bench({ fresh: () => fresh });
  const first = await resolveStep(run, PLACE, { step: STEP, work: workOf().work });
  fresh = true;
  const { work, done } = workOf();
  const again = await resolveStep(run, PLACE, { step: STEP, work });
  assert.is(done.runs, 1);
  assert.is(again.record.createdAt, first.record.createdAt);
  assert.is(reasons(events).at(-1), 'the cache is not used (--no-cache)');
});

test('of a stage that is not looked up replaces a record that has become another', async () => {
  let fresh = false;
  const { run } = bench({ fresh: () => fresh });
  const first = await resolveStep(run, PLACE, { step: STEP, work: workOf().work });
  fresh = true;
  const other = { ...layer('other'), blob: { ...layer('other').blob, size: 2 } };
  const again = await resolveStep(run, PLACE, { step: STEP, work: workOf({ makes: async () => other }).work });
  assert.is(again.record.layer?.diffId, other.diffId);
  assert.is.not(again.record.createdAt, first.record.createdAt);
  const nothing = await resolveStep(run, PLACE, { step: STEP, work: workOf({ makes: async () => null }).work });
  assert.is(nothing.record.layer, null);
});

test('that fails is reported and ended, and its result is not kept', async () => {
  const { run, events, cache } = bench();
  const broken = async (): Promise<never> => {
    throw new MkimageError('step-failed', 'it is broken');
  };
  const { work, done } = workOf({ makes: broken });
  const error = await resolveStep(run, PLACE, { step: STEP, work }).catch((reason: Error) => reason);
  assert.is((error as Error).message, 'it is broken');
  assert.equal([done.ends, cache.hasFailed('slot')], [1, true]);
  assert.equal(events.at(-1), { type: 'step-failed', step: '0/2', error: 'it is broken' });
  await resolveStep(run, PLACE, { step: STEP, work: workOf().work });
  assert.is(reasons(events).at(-1), 'it failed last time');
});

test('that was cancelled did not fail', async () => {
  const { run, events, cache, stop } = bench();
  const makes = async (): Promise<never> => {
    stop.abort();
    throw new MkimageError('cancelled', 'cancelled');
  };
  await resolveStep(run, PLACE, { step: STEP, work: workOf({ makes }).work }).catch(() => {});
  assert.not(cache.hasFailed('slot'));
  assert.equal(events.at(-1), { type: 'step-failed', step: '0/2', error: 'CANCELED' });
});

test('whose files cannot be looked at ends what it holds', async () => {
  const content = async (): Promise<never> => {
    throw new Error('no files');
  };
  const { work, done } = workOf({ content });
  await resolveStep(bench().run, PLACE, { step: STEP, work }).catch(() => {});
  assert.is(done.ends, 1);
});

test('says what changed in it, and what it is to those after it', async () => {
  const { run, events } = bench();
  await resolveStep(run, PLACE, { step: STEP, work: workOf({ input: 'a' }).work });
  const { cause } = await resolveStep(run, PLACE, { step: STEP, work: workOf({ input: 'b' }).work });
  assert.match(reasons(events).at(-1) ?? '', /command/);
  assert.is(cause, `RUN make: ${reasons(events).at(-1)}`);
});

test('whose own inputs are the same is explained by what changed below', async () => {
  const { run, events } = bench();
  await resolveStep(run, PLACE, { step: STEP, work: workOf().work });
  const above = { ...PLACE, chain: chainOf([layer('new')]), cause: 'COPY src changed (1 of 2 files: a)' };
  const { cause } = await resolveStep(run, above, { step: STEP, work: workOf().work });
  assert.is(reasons(events).at(-1), above.cause);
  assert.is(cause, above.cause);
  const unknown = { ...PLACE, chain: chainOf([layer('newer')]) };
  await resolveStep(run, unknown, { step: STEP, work: workOf().work });
  assert.is(reasons(events).at(-1), 'the base image changed');
});

test('that is back to what it once was tells those after it what changed', async () => {
  const { run } = bench();
  for (const input of ['a', 'b']) await resolveStep(run, PLACE, { step: STEP, work: workOf({ input }).work });
  const { cause } = await resolveStep(run, PLACE, { step: STEP, work: workOf({ input: 'a' }).work });
  assert.match(cause ?? '', /^RUN make: .*command/);
  assert.is((await resolveStep(run, PLACE, { step: STEP, work: workOf({ input: 'a' }).work })).cause, undefined);
});

test('names itself by its first line, and not at length', async () => {
  const { run } = bench();
  const long = { kind: 'run', name: `RUN ${'x'.repeat(100)}\nsecond` } as unknown as WorkStep;
  const { cause } = await resolveStep(run, PLACE, { step: long, work: workOf().work });
  assert.match(cause ?? '', /^RUN x{56}…: /);
});

test.run();
