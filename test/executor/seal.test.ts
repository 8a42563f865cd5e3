import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import { chainOf, EMPTY, extend } from '../../src/executor/chain.ts';
import { directoryTime, sealChanges, sealNonEmpty, secondsNow } from '../../src/executor/seal.ts';
import { withLocation } from '../../src/executor/step-error.ts';
import type { Change } from '../../src/layer/index.ts';
import type { Step } from '../../src/plan/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { memoryLayers } from '../fakes/memory-layers.ts';

const test = suite('changes as a layer');

const bytes = Buffer.from('x');
const put = (path: string, mtime = 100): Change => ({
  kind: 'put',
  entry: { path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: 1, mtime },
  content: { kind: 'bytes', bytes },
});

function sealing(epoch?: number) {
  const layers = memoryLayers();
  return { layers, run: { services: layers, epoch, call: createQuietCall() } };
}

test('are written once, and listed', async () => {
  const { layers, run } = sealing();
  const layer = await sealChanges([put('a')], run);
  assert.ok(await layers.hasLayer(layer));
  const tree = await layers.treeOf(chainOf([layer]), run.call);
  assert.equal(
    tree.list('').map(({ path, mtime }) => [path, mtime]),
    [['a', 100]],
  );
});

test('that are the same are the same layer', async () => {
  const [one, two] = [sealing(), sealing()];
  assert.equal(await sealChanges([put('a')], one.run), await sealChanges([put('a')], two.run));
  assert.is.not((await sealChanges([put('b')], two.run)).diffId, (await sealChanges([put('a')], one.run)).diffId);
});

test('are no later than SOURCE_DATE_EPOCH', async () => {
  const { layers, run } = sealing(50);
  const layer = await sealChanges([put('a'), put('b', 20)], run);
  const tree = await layers.treeOf(chainOf([layer]), run.call);
  assert.equal(
    tree.list('').map(({ mtime }) => mtime),
    [50, 20],
  );
});

test('that are none are no layer', async () => {
  const { layers, run } = sealing();
  assert.is(await sealNonEmpty(run, []), null);
  assert.is(layers.written(), 0);
});

test('that cannot be written leave no layer', async () => {
  const { layers, run } = sealing();
  const missing: Change = { ...put('a'), content: { kind: 'host', file: '/nowhere', offset: 0, size: 1 } } as Change;
  const error = await sealChanges([missing], run).catch((reason: Error) => reason);
  assert.instance(error, Error);
  assert.is(layers.written(), 0);
});

test('have times of no day where the build makes something, and those of now where it writes something', () => {
  const services = { now: () => '2020-01-01T00:00:01.900Z' };
  assert.is(directoryTime({ epoch: undefined }), Date.UTC(1980, 1, 1) / 1000);
  assert.is(directoryTime({ epoch: 5 }), 5);
  assert.is(secondsNow({ epoch: undefined, services }), 1_577_836_801);
  assert.is(secondsNow({ epoch: 5, services }), 5);
});

test('make a chain longer, or leave it what it is', async () => {
  const { run } = sealing();
  const [a, b] = [await sealChanges([put('a')], run), await sealChanges([put('b')], run)];
  assert.is(extend(EMPTY, null), EMPTY);
  assert.equal(extend(extend(EMPTY, a), b), chainOf([a, b]));
  assert.is.not(chainOf([a, b]).id, chainOf([b, a]).id);
});

test('fail with the place of their step, unless a nearer one is known', () => {
  const step = { range: { start: { line: 3 } }, name: 'RUN x' } as unknown as Step;
  const other = { range: { start: { line: 9 } }, name: 'RUN y' } as unknown as Step;
  const placed = withLocation(
    new MkimageError('store', 'the disk is full', { hint: 'make room' }),
    step,
  ) as MkimageError;
  assert.equal([placed.code, placed.message, placed.hint], ['store', 'the disk is full', 'make room']);
  assert.equal([placed.place?.step, (withLocation(placed, other) as MkimageError).place?.step], ['RUN x', 'RUN x']);
  const foreign = new Error('x');
  assert.is(withLocation(foreign, step), foreign);
});

test.run();
