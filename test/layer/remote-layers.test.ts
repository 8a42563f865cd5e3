import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import { RemoteLayers } from '../../src/layer/index.ts';
import { digestOf, type Layer, MEDIA_TYPE } from '../../src/oci/index.ts';
import { createQuietCall } from '../../src/progress.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('layers that are elsewhere');
const layer: Layer = { diffId: digestOf('a'), blob: { mediaType: MEDIA_TYPE.layer, digest: digestOf('a'), size: 1 } };

test('are fetched once for all readers, and then never again', async () => {
  const layers = new RemoteLayers();
  let fetches = 0;
  layers.add(layer, async () => void fetches++);
  assert.ok(layers.has(layer));
  await Promise.all([layers.ensure(layer, createQuietCall()), layers.ensure(layer, createQuietCall())]);
  assert.is(layers.ensure(layer, createQuietCall()), undefined);
  assert.equal([fetches, layers.has(layer)], [1, false]);
});

test('nothing is done for a layer that is not known', () => {
  assert.is(new RemoteLayers().ensure(layer, createQuietCall()), undefined);
});

test('a failure is thrown to all readers, and the next one tries again', async () => {
  const layers = new RemoteLayers();
  let fetches = 0;
  layers.add(layer, async () => {
    if (++fetches === 1) throw new MkimageError('network', 'gone');
  });
  const both = [layers.ensure(layer, createQuietCall())!, layers.ensure(layer, createQuietCall())!];
  for (const each of both) await rejects(each, 'network');
  await layers.ensure(layer, createQuietCall());
  assert.is(fetches, 2);
});

test('a reader whose fetch was cancelled by another reader starts it again', async () => {
  const layers = new RemoteLayers();
  const stop = new AbortController();
  let fetches = 0;
  layers.add(layer, async (_layer, call) => {
    fetches += 1;
    await new Promise((done) => setImmediate(done));
    if (call.signal.aborted) throw new MkimageError('cancelled', 'cancelled');
  });
  const first = layers.ensure(layer, { ...createQuietCall(), signal: stop.signal })!;
  const second = layers.ensure(layer, createQuietCall())!;
  stop.abort();
  await rejects(first, 'cancelled');
  await second;
  assert.equal([fetches, layers.has(layer)], [2, false]);
});

test('one that is forgotten cannot be fetched', () => {
  const layers = new RemoteLayers();
  layers.add(layer, async () => {});
  layers.forget(layer);
  assert.equal([layers.has(layer), layers.ensure(layer, createQuietCall())], [false, undefined]);
});

test.run();
