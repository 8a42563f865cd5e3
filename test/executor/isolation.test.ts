import { suite } from 'uvu';
import { digestOf, type Layer, MEDIA_TYPE } from '../../src/oci/index.ts';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { NativeSnapshotter } from '../../src/snapshot/native.ts';
import { isolationContract } from '../contract/isolation.ts';
import { memoryRoots } from '../fakes/memory-roots.ts';
import { makeBusyboxRoot } from '../support/busybox-root.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const LAYERS: readonly [Layer, Layer] = [layer('shell'), layer('empty')];

const fake = suite('isolation contract: memory fake');
const { snapshotter, sandbox } = memoryRoots();
isolationContract(fake, { snapshotter, sandbox, base: tempDir('isolation-fake'), layers: LAYERS });
fake.run();

const real = suite('isolation contract: native snapshots, namespaces');
const base = tempDir('isolation-real');
const native = new NativeSnapshotter({
  directory: `${base}/store`,
  maker: { name: 'here.1.1', livenessOf: () => 'alive' },
  unpack: async ({ diffId }, { directory }) => {
    if (diffId === LAYERS[0].diffId) makeBusyboxRoot(directory);
  },
});
isolationContract(withNeeds(real, { root: true, programs: ['busybox', 'unshare', 'setpriv'] }), {
  snapshotter: async () => native,
  sandbox: async () => namespacesSandbox(),
  base,
  layers: LAYERS,
});
real.run();

function layer(name: string): Layer {
  const digest = digestOf(name);
  return { diffId: digest, blob: { mediaType: MEDIA_TYPE.layer, digest, size: 1 } };
}
