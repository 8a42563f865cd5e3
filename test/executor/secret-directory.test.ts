import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSecretDirectory } from '../../src/executor/run/secret-directory.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('directories for secrets');
const root = tempDir('secrets');
const maker = (name: string) =>
  ({ name, livenessOf: (owner: string) => (owner === 'dead' ? 'dead' : 'alive') }) as const;

test('what a killed build left goes, what others hold or have under that name stays', () => {
  const parent = join(root, 'shm');
  const canary = join(root, 'canary');
  for (const folder of [parent, canary]) mkdirSync(folder);
  writeFileSync(join(canary, 'file'), '');
  const left = makeSecretDirectory(maker('dead'), parent);
  writeFileSync(join(left, '0'), 'secret');
  const held = makeSecretDirectory(maker('living'), parent);
  assert.not(existsSync(left));
  symlinkSync(canary, join(parent, 'mkimage-secret-dead-link'));
  const own = makeSecretDirectory(maker('me'), parent);
  assert.ok(existsSync(held) && existsSync(own) && existsSync(join(canary, 'file')));
  assert.is(readdirSync(parent).length, 3);
});

test.run();
