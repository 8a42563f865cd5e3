import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MachineInfo } from '../../../src/api/index.ts';
import { formatInfo } from '../../../src/cli/commands/info.ts';
import { DEFAULT_LIMITS } from '../../../src/limits.ts';
import { mkimageIn } from '../../support/mkimage.ts';
import { withNeeds } from '../../support/needs.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('cli: info');
const asRoot = withNeeds(test, { root: true });

const MACHINE: MachineInfo = {
  root: '/store',
  platform: { os: 'linux', architecture: 'amd64' },
  snapshotter: 'overlay',
  wanted: 'auto',
  isolation: 'namespaces',
  isolations: [
    { name: 'crun', usable: false, detail: 'it is not installed', protects: 'much', needs: 'the package' },
    { name: 'namespaces', usable: true, detail: 'of the kernel', protects: 'much', needs: 'root' },
  ],
  limits: { REDIRECTS: 10 },
};

test('an isolation that does not work is shown with the reason and what it needs', () => {
  const text = formatInfo(MACHINE);
  assert.match(text, 'Isolation: namespaces (auto was asked for)\n');
  assert.match(text, ' crun: not available: it is not installed\n  protects: much\n  needs: the package\n');
  assert.match(
    text,
    ' namespaces: available (of the kernel)\n  protects: much\nLimits:\n MKIMAGE_LIMIT_REDIRECTS: 10\n',
  );
});

test('a machine on which no step can run is shown as such', () => {
  assert.match(formatInfo({ ...MACHINE, isolation: undefined }), 'Isolation: none works (auto was asked for)\n');
});

asRoot('the JSON names the store, the selected isolation and every limit', async () => {
  const store = tempDir('info');
  const { code, stdout } = await mkimageIn(store)(['system', 'info', '--format=json']);
  assert.is(code, 0);
  const { root, isolation, isolations, limits } = JSON.parse(stdout) as MachineInfo;
  assert.is(root, `${store}/root`);
  assert.is(isolations.find(({ name }) => name === isolation)?.usable, true);
  assert.equal(Object.keys(limits), Object.keys(DEFAULT_LIMITS));
});

asRoot('the isolation of the environment is the selected one', async () => {
  const { stdout } = await mkimageIn(tempDir('info'))(['info'], { env: { MKIMAGE_ISOLATION: 'namespaces' } });
  assert.match(stdout, 'Isolation: namespaces (namespaces was asked for)\n');
});

test.run();
