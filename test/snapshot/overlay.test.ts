import { suite } from 'uvu';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { OverlaySnapshotter } from '../../src/snapshot/overlay.ts';
import { snapshotterContract } from '../contract/snapshotter.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('snapshotter: overlay');

snapshotterContract(withNeeds(test, { root: true, programs: ['busybox', 'unshare', 'setpriv'] }), {
  open: (options) => new OverlaySnapshotter(options),
  sandbox: namespacesSandbox(),
  base: tempDir('snapshotter-overlay'),
  opaque: true,
});

test.run();
