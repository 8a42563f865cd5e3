import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { assembleConfig } from '../../src/executor/assemble.ts';
import { chainOf, EMPTY } from '../../src/executor/chain.ts';
import { fitHistory } from '../../src/executor/fit-history.ts';
import { digestOf, type HistoryEntry, type Layer, MEDIA_TYPE } from '../../src/oci/index.ts';
import type { Stage } from '../../src/plan/index.ts';

const test = suite('the config of a stage');

const made = (name: string): HistoryEntry => ({ created: '2020-01-01T00:00:00Z', created_by: name });
const empty = (name: string): HistoryEntry => ({ ...made(name), empty_layer: true });

/** `L` for an entry with a layer, `-` for one without. */
const shape = (history: readonly HistoryEntry[]) =>
  history.map(({ created_by, empty_layer }) => `${empty_layer ? '-' : 'L'}${created_by?.slice(0, 7)}`).join(' ');

for (const [what, history, layers, expected] of [
  ['that fits stays', [made('a'), empty('b'), made('c')], 2, 'La -b Lc'],
  ['that is too short gets what is missing at its end', [made('a'), empty('b')], 3, 'La -b La layer La layer'],
  ['that is absent is made', [], 2, 'La layer La layer'],
  ['that is all empty gets one for each layer', [empty('a'), empty('b')], 1, '-a -b La layer'],
  ['that is too long has no layers at its end', [made('a'), empty('b'), made('c'), made('d')], 1, 'La -b -c -d'],
  ['of no layers has none', [made('a')], 0, '-a'],
] as const) {
  test(`a base's history ${what}`, () => {
    const fitted = fitHistory(history, layers, '2020-02-02T00:00:00Z');
    assert.is(shape(fitted), expected);
    assert.is(fitted.filter(({ empty_layer }) => empty_layer !== true).length, layers);
  });
}

test("new entries come after the base's, each with its own layer", () => {
  const layer = (name: string): Layer => ({
    diffId: digestOf(name),
    blob: { mediaType: MEDIA_TYPE.layer, digest: digestOf(name), size: 1 },
  });
  const chain = chainOf([layer('1'), layer('2'), layer('3')]);
  const stage = { platform: { os: 'linux', architecture: 'amd64' }, config: {} } as unknown as Stage;
  const outcomes = [
    { history: { created_by: 'x' }, layer: undefined, createdAt: undefined },
    { history: { created_by: 'y' }, layer: layer('3'), createdAt: '2021-01-01T00:00:00Z' },
    { history: { created_by: 'z' }, layer: null, createdAt: '2021-01-01T00:00:00Z' },
  ];
  const base = { history: [made('a')], created: '2020-02-02T00:00:00Z' };
  const { history } = assembleConfig(stage, chain, { base, outcomes, fixedTime: undefined });
  assert.is(shape(history), 'La La layer -x Ly -z');
  assert.is(history[1]?.created, '2020-02-02T00:00:00Z');
  assert.equal(assembleConfig(stage, EMPTY, { base: undefined, outcomes: [], fixedTime: undefined }).history, []);
});

test("version and features of the platform's system are in the config", () => {
  const os = { 'os.version': '10.0.1', 'os.features': ['win32k'] };
  const stage = { platform: { os: 'windows', architecture: 'amd64', ...os }, config: {} } as unknown as Stage;
  const made = assembleConfig(stage, EMPTY, { base: undefined, outcomes: [], fixedTime: undefined });
  assert.equal({ 'os.version': made['os.version'], 'os.features': made['os.features'] }, os);
});

const stageWith = (more: object) =>
  ({ platform: { os: 'linux', architecture: 'amd64' }, config: {}, ...more }) as unknown as Stage;
const outcome = (name: string, createdAt: string | undefined) => ({
  history: { created_by: name },
  layer: undefined,
  createdAt,
});

test('an edit of the config has the time of the step before it, or that of the base', () => {
  const base = { history: [], created: '2020-01-01T00:00:00Z' };
  const outcomes = [outcome('a', undefined), outcome('b', '2021-01-01T00:00:00Z'), outcome('c', undefined)];
  const { created, history } = assembleConfig(stageWith({}), EMPTY, { base, outcomes, fixedTime: undefined });
  assert.equal(
    history.map((entry) => entry.created?.slice(0, 4)),
    ['2020', '2021', '2021'],
  );
  assert.is(created, '2021-01-01T00:00:00Z');
});

test('the image is as old as its youngest step, by time and not by text', () => {
  const times = ['2021-01-01T00:00:00.5Z', '2021-01-01T00:00:00Z', '2020-06-01T00:00:00Z'];
  const made = assembleConfig(stageWith({}), EMPTY, {
    base: undefined,
    outcomes: times.map((time) => outcome('x', time)),
    fixedTime: undefined,
  });
  assert.is(made.created, '2021-01-01T00:00:00.5Z');
});

test('an image of which no time is known is of the first day', () => {
  const made = assembleConfig(stageWith({}), EMPTY, {
    base: undefined,
    outcomes: [outcome('a', undefined)],
    fixedTime: undefined,
  });
  assert.equal([made.created, made.history[0]?.created], ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z']);
});

test('SOURCE_DATE_EPOCH is the time of all that is new, and leaves the base as it is', () => {
  const base = { history: [made('a')], created: '2022-02-02T00:00:00Z' };
  const fixed = '2001-01-01T00:00:00Z';
  const result = assembleConfig(stageWith({}), EMPTY, {
    base,
    outcomes: [outcome('x', '2021-01-01T00:00:00Z')],
    fixedTime: fixed,
  });
  assert.equal(
    [result.created, ...result.history.map(({ created }) => created)],
    [fixed, '2020-01-01T00:00:00Z', fixed],
  );
});

test('author and variant are there if they are known', () => {
  const stage = stageWith({ author: 'me', platform: { os: 'linux', architecture: 'arm', variant: 'v7' } });
  const { author, variant, architecture } = assembleConfig(stage, EMPTY, {
    base: undefined,
    outcomes: [],
    fixedTime: undefined,
  });
  assert.equal({ author, variant, architecture }, { author: 'me', variant: 'v7', architecture: 'arm' });
  assert.not('author' in assembleConfig(stageWith({}), EMPTY, { base: undefined, outcomes: [], fixedTime: undefined }));
});

test.run();
