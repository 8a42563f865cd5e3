import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSecretDirectory } from '../../src/executor/run/secret-directory.ts';
import { removeTree } from '../../src/host/index.ts';
import { refuses } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('directories for secrets');
const root = tempDir('secrets');
const memory = mkdtempSync('/dev/shm/mkimage-test-');
test.after(() => removeTree(memory));
const maker = (name: string) =>
  ({ name, livenessOf: (owner: string) => (owner === 'dead' ? 'dead' : 'alive') }) as const;

test('what a killed build left goes, what others hold or have under that name stays', () => {
  const parent = join(memory, 'shm');
  const canary = join(root, 'canary');
  for (const folder of [parent, canary]) mkdirSync(folder);
  writeFileSync(join(canary, 'file'), '');
  const left = makeSecretDirectory(maker('dead'), [parent]);
  writeFileSync(join(left, '0'), 'secret');
  const held = makeSecretDirectory(maker('living'), [parent]);
  assert.not(existsSync(left));
  symlinkSync(canary, join(parent, 'mkimage-secret-dead-link'));
  const own = makeSecretDirectory(maker('me'), [parent]);
  assert.ok(existsSync(held) && existsSync(own) && existsSync(join(canary, 'file')));
  assert.is(readdirSync(parent).length, 3);
});

test('it is in memory or not at all', async () => {
  const made = makeSecretDirectory(maker('me'), [root, '/proc', join(memory, 'missing'), memory]);
  assert.is(dirname(made), memory);
  const { hint } = await refuses('unsupported', () => makeSecretDirectory(maker('me'), ['/proc', '/missing']), /tmpfs/);
  assert.match(hint ?? '', /env=NAME/);
});

test('only its maker can look into it', () => {
  assert.is(statSync(makeSecretDirectory(maker('me'), [memory])).mode & 0o777, 0o700);
});

test.run();
