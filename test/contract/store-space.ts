import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Digest, MEDIA_TYPE, parseManifest } from '../../src/oci/index.ts';
import type { BlobFiles, Store } from '../../src/store/index.ts';
import { putImage, putIndex } from '../support/images.ts';
import { rejects } from '../support/rejects.ts';

const APP = 'docker.io/library/app:1';
const OTHER = 'docker.io/library/other:1';
const PLATFORMS = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));

/** Who may work in a store, and what goes when nobody does; `open` gives an empty one. */
export function storeSpaceContract(name: string, open: () => Omit<Store, keyof BlobFiles>): void {
  const test = suite(`store space contract: ${name}`);
  const digestsIn = (store: Pick<Store, 'blobs'>) => [...store.blobs()].map(({ digest }) => digest);

  test('collecting deletes what neither an image nor the caller needs, and nothing else', async () => {
    const store = open();
    await store.tag([APP], putImage(store, { label: 'named' }));
    await store.tag([], putImage(store, { label: 'dangling' }));
    await store.tag([OTHER], putIndex(store, 'index', PLATFORMS));
    const needed = new Set<Digest>(digestsIn(store));
    const kept = store.putSmall('text/plain', 'kept');
    const dropped = putImage(store, { label: 'dropped' });
    const freed = await store.collect({ keep: (digest) => digest === kept.digest });
    assert.is(freed.blobs, 3);
    assert.ok(freed.bytes > 0);
    assert.equal(new Set(digestsIn(store)), needed.add(kept.digest));
    assert.not(await store.has(dropped));
  });

  test('other forms of a layer go when the layer does', async () => {
    const store = open();
    const image = putImage(store, { label: 'x' });
    await store.tag([APP], image);
    const layer = parseManifest(store.readSmall(image)).layers[0]!;
    const gzip = store.putSmall(MEDIA_TYPE.layerGzip, 'compressed');
    store.addForm(layer.digest, { compression: 'gzip', blob: gzip, recipe: 'gzip/6' });
    await store.collect({ keep: () => false });
    assert.is(store.formsOf(layer.digest).length, 2);
    await store.untag(APP, { keepDangling: false });
    await store.collect({ keep: () => false });
    assert.equal([store.formsOf(layer.digest), digestsIn(store)], [[], []]);
  });

  test('several leases exist at the same time; exclusive access waits for them, up to a limit', async () => {
    const store = open();
    const dropped = store.putSmall('text/plain', 'x');
    const leases = [await store.lease(), await store.lease()];
    await rejects(
      store.exclusively(async (collect) => collect(() => false), 40),
      'in-use',
    );
    assert.ok(await store.has(dropped));
    const collecting = store.collect({ keep: () => false });
    for (const lease of leases) await lease[Symbol.asyncDispose]();
    assert.is((await collecting).blobs, 1);
  });

  test('a lease waits for the end of exclusive access', async () => {
    const store = open();
    const order: string[] = [];
    let taking: Promise<unknown> | undefined;
    await store.exclusively(async () => {
      taking = store.lease().then(async (lease) => {
        order.push('leased');
        await lease[Symbol.asyncDispose]();
      });
      await new Promise((later) => setTimeout(later, 50));
      order.push('alone');
    });
    await taking;
    assert.equal(order, ['alone', 'leased']);
  });

  test('work that fails gives the store back', async () => {
    const store = open();
    const failing = store.exclusively(async () => {
      throw new Error('no');
    });
    assert.match(String(await failing.catch((error: unknown) => error)), /no/);
    await using _lease = await store.lease();
  });

  test.run();
}
