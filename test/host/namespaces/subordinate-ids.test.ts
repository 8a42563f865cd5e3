import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mapArguments, readSubordinateIds } from '../../../src/host/namespaces/subordinate-ids.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('subordinate ids');
const file = join(tempDir('subordinate-ids'), 'subuid');
const ann = { name: 'ann', id: 1000 };

test('a user has the ranges with her name or number', () => {
  writeFileSync(file, 'bob:1:5\nann:100000:65536\n1000:300000:10\nanna:7:7\n');
  assert.equal(readSubordinateIds(file, ann), [
    { start: 100_000, count: 65_536 },
    { start: 300_000, count: 10 },
  ]);
  assert.equal(readSubordinateIds(file, { name: undefined, id: 1000 }), [{ start: 300_000, count: 10 }]);
});

test('malformed lines and a missing file give no range', () => {
  writeFileSync(file, 'ann\nann:x:5\nann:5\nann:5:0\nann:5:-3\n\n');
  assert.equal(readSubordinateIds(file, ann), []);
  assert.equal(readSubordinateIds(`${file}.missing`, ann), []);
});

test('the user is root inside, and the ranges follow without gaps', () => {
  const ranges = [
    { start: 100_000, count: 10 },
    { start: 300_000, count: 5 },
  ];
  assert.is(mapArguments(1000, ranges).join(' '), '0 1000 1 1 100000 10 11 300000 5');
  assert.is(mapArguments(0, []).join(' '), '0 0 1');
});

test.run();
