import { suite } from 'uvu';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { NativeSnapshotter } from '../../src/snapshot/native.ts';
import { snapshotterContract } from '../contract/snapshotter.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('snapshotter: native');

snapshotterContract(withNeeds(test, { root: true, programs: ['busybox', 'unshare', 'setpriv'] }), {
  open: (options) => new NativeSnapshotter(options),
  sandbox: namespacesSandbox(),
  base: tempDir('snapshotter-native'),
  opaque: false,
});

test.run();
