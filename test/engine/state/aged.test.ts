import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agedEntries, agedFolders, bytesOf, oldestAt, removeAged } from '../../../src/engine/state/aged.ts';
import { isSweepDue, sweepAged } from '../../../src/engine/state/daily-sweep.ts';
import { markUsed } from '../../../src/host/index.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('what is kept to save time');
const root = tempDir('aged');
const DAY = 86_400;
const NOW = Date.parse('2024-06-01T00:00:00Z');
let count = 0;

const hex = (digit: string) => digit.repeat(64);

/** A root with these files, each last used so many days ago. */
function rootWith(files: Readonly<Record<string, number>>): string {
  const own = join(root, String(count++));
  for (const [path, days] of Object.entries(files)) {
    mkdirSync(join(own, path, '..'), { recursive: true });
    writeFileSync(join(own, path), 'x'.repeat(5000));
    utimesSync(join(own, path), NOW / 1000 - days * DAY, NOW / 1000 - days * DAY);
  }
  return own;
}

const left = (own: string) =>
  readdirSync(own, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(own, path)).isFile())
    .sort();

test('goes when it was of no use for as long as its folder says', () => {
  const own = rootWith({
    [`http-v1/${hex('a')}`]: 31,
    [`http-v1/${hex('b')}`]: 29,
    [`parsed-v1/${hex('a')}.json`]: 31,
    [`parsed-v1/${hex('b')}.json`]: 1,
    'logs/old.log': 15,
    'logs/new.log': 13,
    'notes/mine': 1000,
    [`trees-v1/${hex('a')}`]: 1000,
  });
  const { ids, bytes } = removeAged(own, oldestAt(NOW));
  assert.equal([...ids].sort(), [hex('a'), hex('a'), 'old.log']);
  assert.ok(bytes >= 15_000);
  assert.equal(left(own), [
    `http-v1/${hex('b')}`,
    'logs/new.log',
    'notes/mine',
    `parsed-v1/${hex('b')}.json`,
    `trees-v1/${hex('a')}`,
  ]);
});

test('a checkout and what is known of it go together, by the last use of any of them', () => {
  const files = (digit: string, days: number) => ({
    [`git-v1/${hex(digit)}/file`]: 100,
    [`git-v1/${hex(digit)}.time`]: days,
    [`git-v1/${hex(digit)}.stat`]: 100,
  });
  const own = rootWith({ ...files('a', 1), ...files('b', 40) });
  for (const digit of ['a', 'b']) utimesSync(join(own, 'git-v1', hex(digit)), 1, 1);
  assert.equal(removeAged(own, oldestAt(NOW)).ids, [hex('b')]);
  assert.equal(readdirSync(join(own, 'git-v1')).sort(), [hex('a'), `${hex('a')}.stat`, `${hex('a')}.time`]);
});

test('what a killed build has left of it goes at once', () => {
  const own = rootWith({
    [`stat-cache-v1/${hex('a')}.0123.tmp`]: 0,
    [`stat-cache-v1/${hex('a')}`]: 0,
    'probes-v1/probe-x1/r': 0,
  });
  removeAged(own, oldestAt(NOW));
  assert.equal(left(own), [`stat-cache-v1/${hex('a')}`]);
});

test('the longest unused goes where all of it takes too much', () => {
  const own = rootWith({ 'logs/a': 3, 'logs/b': 2, 'logs/c': 1 });
  for (const name of ['a', 'b', 'c']) {
    writeFileSync(join(own, 'logs', name), Buffer.alloc(100 * 2 ** 20));
    const time = NOW / 1000 - DAY * (name === 'a' ? 3 : name === 'b' ? 2 : 1);
    utimesSync(join(own, 'logs', name), time, time);
  }
  assert.equal(removeAged(own, oldestAt(NOW)).ids, ['a']);
});

test('the size of a checkout is what was written down beside it, and counted if that is no number', () => {
  const own = rootWith({ [`git-v1/${hex('a')}/file`]: 0 });
  const [folder, retention] = agedFolders().find(([id]) => id === 'checkouts')!;
  const size = () => bytesOf(agedEntries(own, folder, retention)[0]!);
  const counted = size();
  assert.ok(counted >= 5000);
  writeFileSync(join(own, 'git-v1', `${hex('a')}.bytes`), '700000');
  assert.ok(size() >= 700_000 && size() < 710_000);
  writeFileSync(join(own, 'git-v1', `${hex('a')}.bytes`), '-1e9');
  assert.ok(size() >= counted && size() < counted + 10_000);
});

test('use is marked once an hour, and not at all where there is nothing', () => {
  const own = rootWith({ 'logs/a': 1 });
  const file = join(own, 'logs/a');
  markUsed(file, NOW);
  assert.is(statSync(file).mtimeMs, NOW);
  markUsed(file, NOW + 1_800_000);
  assert.is(statSync(file).mtimeMs, NOW);
  markUsed(file, NOW + 3_700_000);
  assert.is(statSync(file).mtimeMs, NOW + 3_700_000);
  markUsed(join(own, 'logs/b'), NOW);
  assert.not(existsSync(join(own, 'logs/b')));
});

test('a daily sweep is due once a day, also where a clock was set back', () => {
  const own = rootWith({ 'logs/old': 20, 'logs/new': 1 });
  const at = (time: number) => ({ root: own, now: () => new Date(time).toISOString() });
  assert.ok(isSweepDue(at(NOW)));
  sweepAged(at(NOW));
  assert.equal(readdirSync(join(own, 'logs')), ['new']);
  assert.not(isSweepDue(at(NOW + 3_600_000)));
  assert.ok(isSweepDue(at(NOW + 90_000_000)));
  assert.ok(isSweepDue(at(NOW - 90_000_000)));
});

test.run();
