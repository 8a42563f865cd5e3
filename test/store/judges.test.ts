import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadImages } from '../../src/engine/images/load.ts';
import { digestOf, parseConfig, parseManifest } from '../../src/oci/index.ts';
import { LayoutStore } from '../../src/store/layout-store.ts';
import { callFrom } from '../support/engine-call.ts';
import { putImage } from '../support/images.ts';
import { withNeeds } from '../support/needs.ts';
import { tarOf } from '../support/tar-file.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('store, judged by other tools');
const root = tempDir('judges');
const NAME = 'docker.io/library/app:latest';
const layers = ['low', 'high'].map((bytes) => tarOf([{ path: `file of ${bytes}`, bytes }]));
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const withSkopeo = withNeeds(test, { programs: ['skopeo'] });
let count = 0;

async function storeWithImage() {
  const own = join(root, String(count++));
  const store = LayoutStore.open(own);
  const target = putImage(store, { label: 'app', layers, compression: 'gzip' });
  await store.tag([NAME, 'localhost:5000/team/app:1.0'], target);
  return { store, target, image: (name: string) => `oci:${store.directory}:${name}` };
}

async function load(path: string) {
  const own = join(root, String(count++));
  const services = { store: LayoutStore.open(own), config: { platform: { os: 'linux', architecture: 'amd64' } } };
  const [image] = await loadImages(services, { input: { kind: 'path', path } }, callFrom());
  const manifest = parseManifest(services.store.readSmall(services.store.list()[0]!.target));
  return { image: image!, manifest, config: parseConfig(services.store.readSmall(manifest.config)) };
}

withSkopeo('skopeo finds an image of the store by each of its names', async () => {
  const { image, target } = await storeWithImage();
  for (const name of [NAME, 'localhost:5000/team/app:1.0']) {
    assert.is(JSON.parse(run('skopeo', 'inspect', image(name))).Digest, target.digest);
  }
});

withSkopeo('an image that skopeo puts into the store is there under its name', async () => {
  const [from, to] = [await storeWithImage(), await storeWithImage()];
  run('skopeo', 'copy', from.image(NAME), to.image('copied:1'));
  assert.is(to.store.resolve('docker.io/library/copied:1')?.target.digest, from.target.digest);
  assert.is(to.store.list().length, 3);
});

withSkopeo("skopeo's docker-archive loads with the same image ID", async () => {
  const { image, store, target } = await storeWithImage();
  const path = join(root, 'docker.tar');
  run('skopeo', 'copy', image(NAME), `docker-archive:${path}:team/app:3`);
  const loaded = await load(path);
  assert.equal(loaded.image.names, ['docker.io/team/app:3']);
  assert.is(loaded.image.id, parseManifest(store.readSmall(target)).config.digest);
  assert.equal(
    loaded.config.rootfs.diff_ids,
    layers.map((layer) => digestOf(layer)),
  );
});

withSkopeo("skopeo's oci-archive and layout load as the same manifest", async () => {
  const { image, target } = await storeWithImage();
  for (const [transport, path] of [
    ['oci-archive', join(root, 'oci.tar')],
    ['oci', join(root, 'oci-layout')],
  ] as const) {
    run('skopeo', 'copy', image(NAME), `${transport}:${path}:team/app:3`);
    const loaded = await load(path);
    assert.equal([loaded.image.names, loaded.image.digest], [['docker.io/team/app:3'], target.digest]);
  }
});

withNeeds(test, { root: true, programs: ['umoci'] })(
  'umoci lists the names of the store and unpacks an image of it',
  async () => {
    const { store } = await storeWithImage();
    assert.equal(run('umoci', 'ls', '--layout', store.directory).trim().split('\n'), [
      NAME,
      'localhost:5000/team/app:1.0',
    ]);
    const bundle = join(root, 'bundle');
    run('umoci', 'unpack', '--image', `${store.directory}:${NAME}`, bundle);
    assert.is(readFileSync(join(bundle, 'rootfs', 'file of high'), 'utf8'), 'high');
  },
);

test.run();
