import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FOLDERS } from '../../src/engine/folders.ts';
import { openLayerOrigins } from '../../src/engine/layer-origins.ts';
import { digestOf } from '../../src/oci/index.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('where layers were seen');
const [one, two] = [digestOf('one'), digestOf('two')];
const at = (repository: string) => ({ registry: 'registry.test', repository });

test('the last repository comes first, each once, and at most eight', () => {
  const origins = openLayerOrigins({ directory: join(tempDir('origins'), 'new'), now: () => 0 });
  assert.equal(origins.originsOf(one), []);
  for (const name of ['a', 'b', 'a']) origins.remember([one, two], at(name));
  assert.equal(origins.originsOf(one), [at('a'), at('b')]);
  for (let number = 0; number < 20; number++) origins.remember([two], at(`many/${number}`));
  assert.is(origins.originsOf(two).length, 8);
  assert.equal(origins.originsOf(two)[0], at('many/19'));
  assert.equal(origins.originsOf(one), [at('a'), at('b')]);
});

test('a damaged file counts as missing, and the names of files fit the table of folders', () => {
  const directory = tempDir('origins');
  const origins = openLayerOrigins({ directory, now: () => 0 });
  origins.remember([one], at('a'));
  const { garbage } = FOLDERS.origins;
  if (garbage.kind !== 'aged') return assert.unreachable('not aged');
  const names = readdirSync(directory);
  assert.is(names.length, 1);
  assert.match(names[0]!, garbage.retention.whole);
  writeFileSync(join(directory, names[0]!), '{"origins":[{"registry":"evil.test","repository":"x"}],"sum":""}');
  assert.equal(origins.originsOf(one), []);
  origins.remember([one], at('b'));
  assert.equal(origins.originsOf(one), [at('b')]);
});

test.run();
