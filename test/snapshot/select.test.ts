import { readdirSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Maker } from '../../src/snapshot/index.ts';
import { selectSnapshotter } from '../../src/snapshot/select.ts';
import { withNeeds } from '../support/needs.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('snapshotter: select');
const maker: Maker = { name: 'here.1.1', livenessOf: () => 'alive' };
const unpack = async (): Promise<void> => {};

withNeeds(test, { root: true, programs: ['unshare'] })(
  'overlayfs is taken where it works, and the trial is remembered',
  async () => {
    const directory = tempDir('select-snapshotter');
    assert.is((await selectSnapshotter({ directory, maker, unpack })).name, 'overlay');
    assert.is((await selectSnapshotter({ directory, maker, unpack })).name, 'overlay');
    assert.equal(readdirSync(directory).sort(), ['overlay', 'overlay-trial']);
  },
);

test.run();
