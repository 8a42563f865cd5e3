/** What another process does to a store, for tests that kill it: `node --import tsx store-child.ts <deed> <root> …`. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { loadImages } from '../../src/engine/images/load.ts';
import { FileLock } from '../../src/host/owners/lock.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { callFrom } from './engine-call.ts';
import { putImage } from './images.ts';
import { refuses } from './rejects.ts';

const [deed, root = '', label = ''] = process.argv.slice(2);

/** Tells the test that everything is in place, and stays so until killed. */
async function hold(): Promise<void> {
  console.log('ready');
  await sleep(60_000);
}

/** Fills the disk to its last block, first with one blob and then with small ones. */
async function fill(store: LayoutStore): Promise<void> {
  for (const size of [1 << 20, 4096]) {
    for (let i = 0; ; i++) {
      await using writer = store.create();
      try {
        writer.write(Buffer.alloc(size, i));
        await writer.commit();
      } catch (error) {
        if (size === 4096) throw error;
        break;
      }
    }
  }
}

async function run(): Promise<void> {
  if (deed === 'lock') return new FileLock(root).hold(5_000, hold);
  const store = LayoutStore.open(root);
  switch (deed) {
    case 'lease': {
      await using _lease = await store.lease();
      await hold();
      return;
    }
    case 'write': {
      const writer = store.create();
      writer.write(Buffer.alloc(1_000_000));
      return hold();
    }
    case 'tag': {
      console.log('ready');
      for (let i = 0; i < 20; i++)
        await store.tag([`docker.io/library/${label}:${i}`], putImage(store, { label: `${label}${i}` }));
      return;
    }
    case 'fill': {
      const image = putImage(store, { label: 'small' });
      await store.tag(['docker.io/library/small:1'], image);
      const fault = await refuses('store', () => fill(store), /^write blob: no space left/);
      await refuses('store', () => store.tag(['docker.io/library/other:1'], putImage(store, { label: 'other' })));
      assert.equal(readdirSync(join(root, 'tmp')), []);
      assert.equal(store.list(), [{ name: 'docker.io/library/small:1', target: store.list()[0]!.target }]);
      assert.is(store.list()[0]!.target.digest, image.digest);
      console.log(fault.hint);
      return;
    }
    case 'load': {
      console.log('ready');
      const services = { store, config: { platform: { os: 'linux', architecture: 'amd64' } } };
      await loadImages(services, { input: { kind: 'path', path: label } }, callFrom());
      return;
    }
    case 'churn': {
      console.log('ready');
      for (let i = 0; ; i++) {
        await store.tag(['docker.io/library/churn:1'], putImage(store, { label: `churn ${i % 7}` }));
        await store.tag([`docker.io/library/churn:${i % 5}`], putImage(store, { label: `churn ${i % 3}` }));
      }
    }
  }
}

await run();
