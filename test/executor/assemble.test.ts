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
  const { history } = assembleConfig(stage, base, chain, outcomes, undefined);
  assert.is(shape(history), 'La La layer -x Ly -z');
  assert.is(history[1]?.created, '2020-02-02T00:00:00Z');
  assert.equal(assembleConfig(stage, undefined, EMPTY, [], undefined).history, []);
});

test("version and features of the platform's system are in the config", () => {
  const os = { 'os.version': '10.0.1', 'os.features': ['win32k'] };
  const stage = { platform: { os: 'windows', architecture: 'amd64', ...os }, config: {} } as unknown as Stage;
  const made = assembleConfig(stage, undefined, EMPTY, [], undefined);
  assert.equal({ 'os.version': made['os.version'], 'os.features': made['os.features'] }, os);
});

test.run();
