import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { probeLadder } from '../../src/sandbox/ladder.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sandbox: ladder');
const asRoot = withNeeds(test, { root: true });

asRoot('the ladder names every isolation, best first, and says what it protects and needs', async () => {
  const rungs = await probeLadder({ directory: tempDir('ladder') });
  assert.equal(
    rungs.map(({ name }) => name),
    ['crun', 'runc', 'namespaces', 'chroot'],
  );
  for (const { detail, protects, needs } of rungs) assert.ok(detail !== '' && protects !== '' && needs !== '');
});

asRoot('the namespaces of the kernel need no program', async () => {
  const rungs = await probeLadder({ directory: tempDir('ladder') });
  assert.is(rungs.find(({ name }) => name === 'namespaces')?.usable, true);
});

test.run();
