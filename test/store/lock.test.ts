import { mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FileLock } from '../../src/host/owners/lock.ts';
import { livenessOf, thisOwner } from '../../src/host/owners/owner.ts';
import { startChild } from '../support/child.ts';
import { rejects } from '../support/rejects.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('file lock');
const root = tempDir('lock');
let count = 0;
const freshFolder = () => join(root, String(count++));

test('this process is alive, one with its pid and another start is dead, one elsewhere is unknown', () => {
  const [scope, pid, start] = thisOwner().split('.');
  assert.is(livenessOf(thisOwner()), 'alive');
  assert.is(livenessOf(`${scope}.${pid}.${Number(start) + 1}`), 'dead');
  assert.is(livenessOf(`${scope}.4194305.1`), 'dead');
  assert.is(livenessOf(`00000000-1.${pid}.${start}`), 'unknown');
  assert.is(livenessOf('../../etc'), 'unknown');
});

test('only one holder is inside at a time, whether the lock is shared or opened twice', async () => {
  const folder = freshFolder();
  const locks = [new FileLock(folder), new FileLock(folder)];
  let inside = 0;
  const visit = async (i: number) =>
    locks[i % 2]!.hold(5_000, async () => {
      assert.is(++inside, 1);
      await sleep(1);
      inside--;
    });
  await Promise.all(Array.from({ length: 20 }, (_, i) => visit(i)));
  assert.is(readdirSync(folder).length, 1, 'the folder does not grow');
});

test('work that fails gives the lock back', async () => {
  const lock = new FileLock(freshFolder());
  await lock.hold(0, async () => Promise.reject(new Error('no'))).catch(() => {});
  assert.is(await lock.hold(0, async () => 1), 1);
});

test('a holder that lives is waited for, and then given up', async () => {
  const folder = freshFolder();
  const [mine, other] = [new FileLock(folder), new FileLock(folder)];
  await mine.hold(0, async () => {
    assert.ok(other.isHeld());
    await rejects(
      other.hold(30, async () => {}),
      'in-use',
    );
  });
  assert.not(other.isHeld());
});

test('the lock of a killed process is free, also after many kills', async () => {
  const folder = freshFolder();
  for (let i = 0; i < 2; i++) {
    const child = await startChild('store-child.ts', ['lock', folder]);
    await rejects(
      new FileLock(folder).hold(20, async () => {}),
      'in-use',
    );
    await child.kill();
    assert.is(await new FileLock(folder).hold(0, async () => 'mine'), 'mine');
  }
});

test('who acted on an old listing gives way to the higher number', async () => {
  const folder = freshFolder();
  mkdirSync(folder);
  symlinkSync('free', join(folder, '7'));
  const lock = new FileLock(folder);
  await lock.hold(0, async () => assert.equal(readdirSync(folder), ['8']));
  assert.is(readlinkSync(join(folder, '9')), 'free');
});

test.run();
