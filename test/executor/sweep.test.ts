import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Sweep } from '../../src/executor/run/sweep.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('sweep');
const root = tempDir('sweep');

test('what was to be removed is gone when it has finished, and nothing else', async () => {
  for (const name of ['one/deep', 'two', 'kept']) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, 'one/deep/file'), 'x');
  const sweep = new Sweep();
  for (const name of ['one', 'two', 'never-there']) sweep.remove(join(root, name));
  await sweep.finish();
  assert.equal(
    ['one', 'two', 'kept'].map((name) => existsSync(join(root, name))),
    [false, false, true],
  );
});

test('what cannot be removed is a failure, though only at the end and after the rest', async () => {
  mkdirSync(join(root, 'three'));
  const sweep = new Sweep();
  sweep.remove('\0');
  sweep.remove(join(root, 'three'));
  let failure: unknown;
  await sweep.finish().catch((error: unknown) => {
    failure = error;
  });
  assert.instance(failure, Error);
  assert.not(existsSync(join(root, 'three')));
});

test.run();
