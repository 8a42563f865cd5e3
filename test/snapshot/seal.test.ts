import {
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measureDiskBytes } from '../../src/host/index.ts';
import { computeSeal, formatSeal, parseSeal } from '../../src/snapshot/seal.ts';
import { makeDeepTree } from '../support/deep-tree.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('snapshot: seal');
const root = tempDir('seal');
let count = 0;

/** A fresh tree with a file, a folder and a link. */
function tree(): string {
  const path = join(root, String(count++));
  mkdirSync(join(path, 'sub'), { recursive: true });
  writeFileSync(join(path, 'sub/file'), 'x'.repeat(10_000));
  writeFileSync(join(path, 'other'), '');
  symlinkSync('other', join(path, 'link'));
  return path;
}

/** The change time of an inode has the grain of the kernel's clock: a change within one tick of the last one is not seen. */
const tick = () => new Promise((settle) => setTimeout(settle, 15));

test('the seal of unchanged files stays the same', async () => {
  const path = tree();
  assert.equal(await computeSeal(path), await computeSeal(path));
});

const changes: Readonly<Record<string, (path: string) => void>> = {
  'a byte that is another': (path) => writeFileSync(join(path, 'sub/file'), 'y'.repeat(10_000)),
  'a byte that is another, with the time set back': (path) => {
    const { atime, mtime } = statSync(join(path, 'sub/file'));
    writeFileSync(join(path, 'sub/file'), 'y'.repeat(10_000));
    utimesSync(join(path, 'sub/file'), atime, mtime);
  },
  'a mode': (path) => chmodSync(join(path, 'other'), 0o600),
  'the mode of the root': (path) => chmodSync(path, 0o711),
  'the time of a link': (path) => lutimesSync(join(path, 'link'), 1, 1),
  'a file that is added': (path) => writeFileSync(join(path, 'sub/new'), ''),
  'a file that is removed': (path) => rmSync(join(path, 'other')),
  'a file that is renamed': (path) => renameSync(join(path, 'other'), join(path, 'another')),
  'a hard link': (path) => linkSync(join(path, 'other'), join(path, 'second')),
  'a link that leads elsewhere': (path) => {
    unlinkSync(join(path, 'link'));
    symlinkSync('sub', join(path, 'link'));
  },
};

for (const [what, change] of Object.entries(changes))
  test(`the seal shows ${what}`, async () => {
    const path = tree();
    const before = await computeSeal(path);
    await tick();
    change(path);
    assert.is.not((await computeSeal(path)).stamp, before.stamp);
  });

test('the bytes are those on the disk, and hard links count once', async () => {
  const path = tree();
  linkSync(join(path, 'sub/file'), join(path, 'sub/again'));
  assert.is((await computeSeal(path)).bytes, measureDiskBytes(path));
});

test('a change deeper than a path can be long is seen, and its bytes count', async () => {
  const path = tree();
  makeDeepTree(path, 'deep', 2000);
  const before = await computeSeal(path);
  assert.is(before.bytes, measureDiskBytes(path));
  assert.is((await computeSeal(path)).stamp, before.stamp);
  makeDeepTree(path, 'deeper', 1001);
  assert.is.not((await computeSeal(path)).stamp, before.stamp);
});

test('names that are no UTF-8 are told apart', async () => {
  const path = tree();
  const named = (byte: number) => Buffer.concat([Buffer.from(`${path}/caf`), Buffer.of(byte)]);
  writeFileSync(named(0xe9), 'x');
  const before = await computeSeal(path);
  renameSync(named(0xe9), named(0xe8));
  assert.is.not((await computeSeal(path)).stamp, before.stamp);
});

test('others run while a big tree is sealed', async () => {
  const path = tree();
  for (let index = 0; index < 1500; index++) writeFileSync(join(path, `f${index}`), '');
  let turns = 0;
  const clock = setInterval(() => turns++, 0);
  await computeSeal(path);
  clearInterval(clock);
  assert.ok(turns > 0);
});

test('a seal is read as it was written, and any other text is none', () => {
  const seal = { stamp: 'a'.repeat(64), bytes: 4096 };
  const text = formatSeal(seal);
  assert.equal(parseSeal(text), seal);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
      const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      assert.equal(parseSeal(changed), changed === text ? seal : undefined);
    }),
  );
  fc.assert(fc.property(fc.nat(text.length - 1), (length) => assert.is(parseSeal(text.slice(0, length)), undefined)));
  assert.is(parseSeal(JSON.stringify(seal)), undefined);
});

test.run();
