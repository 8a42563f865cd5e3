import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { selectSandbox } from '../../src/sandbox/select.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: select');
const asRoot = withNeeds(test, { root: true, programs: ['unshare', 'setpriv'] });
const withCrun = withNeeds(test, { root: true, programs: ['crun'] });
const directory = tempDir('select');

asRoot('what is asked for is what is chosen', async () => {
  assert.is((await selectSandbox({ wanted: 'namespaces', directory })).name, 'namespaces');
});

withCrun('by default a runtime is preferred to namespaces', async () => {
  assert.is((await selectSandbox({ wanted: 'auto', directory })).name, 'crun');
});

asRoot('an isolation that is not to be had is an error, and nothing weaker is taken', async () => {
  const own = join(directory, 'unusable');
  const broken = { name: 'runc', probe: async () => ({ usable: false, detail: 'broken here' }) } as const;
  const backend = () => ({ ...namespacesSandbox(), ...broken });
  const backends = { crun: backend, runc: backend, namespaces: namespacesSandbox, chroot: backend };
  const error = await selectSandbox({ wanted: 'runc', directory: own }, backends).catch((reason) => reason);
  assert.instance(error, MkimageError);
  assert.match(error.message, 'runc: broken here');
});

asRoot('a trial is made once and leaves only its result', async () => {
  const own = join(directory, 'once');
  await selectSandbox({ wanted: 'namespaces', directory: own });
  assert.equal(readdirSync(own), ['probe-namespaces.json']);
  const file = join(own, 'probe-namespaces.json');
  const known = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...known, probe: { usable: true, detail: 'as remembered' } }));
  await selectSandbox({ wanted: 'namespaces', directory: own });
  assert.match(readFileSync(file, 'utf8'), 'as remembered');
});

asRoot('a result of another boot, or one that is torn, is not believed', async () => {
  const own = join(directory, 'torn');
  mkdirSync(own);
  for (const text of ['{"identity":"elsewhere","probe":{"usable":true,"detail":"x"}}', '{"identity":']) {
    writeFileSync(join(own, 'probe-namespaces.json'), text);
    await selectSandbox({ wanted: 'namespaces', directory: own });
    assert.match(readFileSync(join(own, 'probe-namespaces.json'), 'utf8'), 'namespaces of the kernel');
  }
});

test.run();
