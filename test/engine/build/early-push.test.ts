import { setTimeout as pause } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pushWhileBuilding } from '../../../src/engine/build/early-push.ts';
import { listNames, listPushes } from '../../../src/engine/build/push-outputs.ts';
import { openLayerOrigins } from '../../../src/engine/layer-origins.ts';
import type { Services } from '../../../src/engine/services.ts';
import { MkimageError, throwIfCancelled } from '../../../src/errors.ts';
import { digestOf, type Layer, MEDIA_TYPE } from '../../../src/oci/index.ts';
import { type Call, createQuietCall, type ProgressEvent } from '../../../src/progress.ts';
import { LayoutStore } from '../../../src/store/layout-store.ts';
import type { FilledRegistry } from '../../contract/registry.ts';
import { memoryRegistry } from '../../fakes/memory-registry.ts';
import { refuses, rejects } from '../../support/rejects.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('push while building');
const call = createQuietCall();
const form = { compression: undefined, level: undefined, force: false, ociTypes: true, names: [], annotations: [] };
const push = { byDigest: false, canonical: false, insecure: false };
const output = { type: 'image', image: form, push } as const;
const app = { registry: 'memory.test', repository: 'team/app' };

function bench(registry: FilledRegistry['registry'] = memoryRegistry().registry) {
  const store = LayoutStore.open(tempDir('early'));
  const origins = openLayerOrigins({ directory: tempDir('origins'), now: () => Date.now() });
  const bytes = Buffer.alloc(100_000, 'layer');
  const layer: Layer = { diffId: digestOf(bytes), blob: store.putSmall(MEDIA_TYPE.layer, bytes) };
  // Only these are used.
  return { services: { store, registry, origins } as unknown as Services, layer, registry };
}

const pushes = () => listPushes({ outputs: [output], tags: ['memory.test/team/app:1'] });

async function untilTrue(isTrue: () => Promise<boolean>, { signal }: Call): Promise<void> {
  while (!(await isTrue())) {
    throwIfCancelled(signal);
    await pause(5);
  }
}

test('a layer is compressed and in the registry while the steps still run', async () => {
  const { services, layer, registry } = bench();
  const all = pushes();
  const events: ProgressEvent[] = [];
  const telling = { ...call, report: (event: ProgressEvent) => void events.push(event) };
  const compressed = () => services.store.formsOf(layer.diffId).find(({ compression }) => compression === 'gzip')?.blob;
  const work = async (inner: Call, layerReady: ((layer: Layer) => void) | undefined) => {
    layerReady!(layer);
    layerReady!(layer);
    await untilTrue(async () => {
      const blob = compressed();
      return blob !== undefined && registry.repository(app).has(blob, call);
    }, inner);
    return 'built';
  };
  assert.is(await pushWhileBuilding(services, all, { work, call: telling }), 'built');
  assert.equal([...all[0]!.sent], [`memory.test/team/app@${compressed()!.digest}`]);
  const kinds = events.map(({ type }) => type);
  assert.is(kinds[0], 'step-started');
  assert.is(kinds.at(-1), 'step-finished');
});

test('a registry that refuses the push ends the steps, and its words are the error', async () => {
  const evidence = { status: 403, temporary: false };
  const denied = new MkimageError('registry', 'push to `memory.test/team/app`: denied', { evidence });
  const { services } = bench({ ...memoryRegistry().registry, checkPush: () => Promise.reject(denied) });
  const work = (inner: Call) => untilTrue(async () => false, inner);
  await rejects(pushWhileBuilding(services, pushes(), { work, call }), 'registry', /denied/);
});

test('a registry that cannot be reached does not end the steps: their image may still be pushed later', async () => {
  const down = new MkimageError('network', 'reach `memory.test`: refused');
  const { services, layer } = bench({ ...memoryRegistry().registry, checkPush: () => Promise.reject(down) });
  const all = pushes();
  const work = async (_inner: Call, layerReady: ((layer: Layer) => void) | undefined) => layerReady!(layer);
  await pushWhileBuilding(services, all, { work, call });
  assert.is(all[0]!.sent.size, 0);
});

test('a step that fails ends the uploads, and stays the error', async () => {
  const memory = memoryRegistry().registry;
  let ended = false;
  const hanging: FilledRegistry['registry'] = {
    ...memory,
    repository: (reference) => ({
      ...memory.repository(reference),
      put: async (_blob, _options, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        ended = true;
        throw new MkimageError('cancelled', 'cancelled');
      },
    }),
  };
  const { services, layer } = bench(hanging);
  const work = async (_inner: Call, layerReady: ((layer: Layer) => void) | undefined) => {
    layerReady!(layer);
    await untilTrue(async () => services.store.formsOf(layer.diffId).length > 1, call);
    await pause(20);
    throw new MkimageError('step-failed', 'run step: exit code 1');
  };
  await rejects(pushWhileBuilding(services, pushes(), { work, call }), 'step-failed');
  assert.ok(ended);
});

test('a build without a push reports nothing about it', async () => {
  const { services } = bench();
  const work = async (_inner: Call, layerReady: unknown) => layerReady;
  assert.is(await pushWhileBuilding(services, [], { work, call }), undefined);
});

test('names of one repository are one push, and a push by digest has no tags', async () => {
  const tags = ['memory.test/team/app:1', 'other.test/app:1', 'memory.test/team/app:2'];
  assert.equal(listPushes({ outputs: [output], tags })[0]?.targets, [
    { ...app, tags: ['1', '2'] },
    { registry: 'other.test', repository: 'app', tags: ['1'] },
  ]);
  const quiet = { ...output, push: { ...push, byDigest: true } };
  assert.equal(listPushes({ outputs: [quiet], tags })[0]?.targets[0], { ...app, tags: [] });
  assert.equal(listNames(quiet, tags), ['memory.test/team/app', 'other.test/app']);
  await refuses('usage', () => listPushes({ outputs: [output], tags: [] }), /tag is needed when pushing/);
});

test.run();
