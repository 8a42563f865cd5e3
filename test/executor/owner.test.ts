import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EMPTY_TREE } from '../../src/executor/copy/empty-tree.ts';
import { ownerOf } from '../../src/executor/copy/owner.ts';
import { createQuietCall } from '../../src/progress.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('owners by name');

for (const [spec, uid, gid] of [
  ['root', 0, 0],
  ['root:root', 0, 0],
  ['0:root', 0, 0],
  ['root:7', 0, 7],
  ['5:root', 5, 0],
  [':root', 0, 0],
] as const) {
  test(`\`${spec}\` is known where there is nothing yet`, async () => {
    assert.equal(await ownerOf(EMPTY_TREE, spec, createQuietCall()), { uid, gid });
  });
}

for (const spec of ['nobody', 'root:wheel', 'rooty', '0:nobody']) {
  test(`\`${spec}\` is not`, async () => {
    await refuses('step-failed', () => ownerOf(EMPTY_TREE, spec, createQuietCall()));
  });
}

test.run();
