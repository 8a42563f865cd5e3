import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf } from '../../src/oci/index.ts';
import type { ImageNames, SmallBlobSink } from '../../src/store/index.ts';
import { putImage } from '../support/images.ts';
import { rejects } from '../support/rejects.ts';

const APP = 'docker.io/library/app:1';
const OTHER = 'docker.io/library/other:1';

/** What every store must do with names; `open` gives an empty one. */
export function imageNamesContract(name: string, open: () => ImageNames & SmallBlobSink): void {
  const test = suite(`image names contract: ${name}`);

  test('names lead to images, and an image that lost its last name is listed without one', async () => {
    const store = open();
    const [first, second] = [putImage(store, { label: 'first' }), putImage(store, { label: 'second' })];
    await store.tag([APP, OTHER], first);
    assert.equal(store.resolve(APP), { name: APP, target: first });
    await store.tag([APP], second);
    assert.equal(store.resolve(APP)?.target, second);
    assert.is(store.list().length, 2);
    await store.tag([OTHER], second);
    assert.equal(
      store.list().filter((image) => image.name === undefined),
      [{ name: undefined, target: first }],
    );
    await store.tag([APP], first);
    assert.not(store.list().some((image) => image.name === undefined));
    assert.is(store.resolve('docker.io/library/nobody:1'), undefined);
  });

  test('tagging an image again with the same tag changes nothing', async () => {
    const store = open();
    const image = putImage(store, { label: 'x' });
    await store.tag([APP], image);
    const before = store.list();
    await store.tag([APP], image);
    assert.equal(store.list(), before);
  });

  test('an image is found by its digest in a repository that has it, and in no other', async () => {
    const store = open();
    const image = putImage(store, { label: 'x' });
    await store.tag([APP], image);
    assert.equal(store.resolve(`docker.io/library/app@${image.digest}`)?.target, image);
    assert.is(store.resolve(`docker.io/library/other@${image.digest}`), undefined);
    assert.is(store.resolve(`docker.io/library/app@${digestOf('missing')}`), undefined);
  });

  test('a name that is taken away leaves its image listed only if that is wanted', async () => {
    const store = open();
    const image = putImage(store, { label: 'x' });
    await store.tag([APP], image);
    await store.untag(APP, { keepDangling: true });
    assert.equal(store.list(), [{ name: undefined, target: image }]);
    await store.removeDangling(image.digest);
    assert.equal(store.list(), []);
    await store.tag([APP], image);
    await store.untag(APP, { keepDangling: false });
    assert.equal(store.list(), []);
    await rejects(store.untag(APP, { keepDangling: true }), 'not-found');
    await rejects(store.removeDangling(image.digest), 'not-found');
  });

  test('an image without a name is listed once until it gets one', async () => {
    const store = open();
    const image = putImage(store, { label: 'x' });
    for (let i = 0; i < 2; i++) await store.tag([], image);
    assert.equal(store.list(), [{ name: undefined, target: image }]);
    await store.tag([APP], image);
    assert.equal(store.list(), [{ name: APP, target: image }]);
  });

  test.run();
}
