import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { TarReader } from '../../src/tar/index.ts';
import { encodeRecord } from '../../src/tar/pax.ts';
import { refuses } from '../support/rejects.ts';
import { entriesOf, rawHeader, rawMember } from './raw-archive.ts';

const test = suite('tar: reading block by block');
const NOTHING = { entry: () => {}, data: () => {}, entryEnd: () => {} };
const END = Buffer.alloc(1024);

test('a GNU long name and link end at their first NUL, and go before pax and the header', () => {
  const name = `${'d/'.repeat(100)}name`;
  const pax = rawMember('x', encodeRecord('path', Buffer.from('from-pax')));
  const long = [rawMember('L', `${name}\0rest`), rawMember('K', 'target\0'), pax, rawHeader({ flag: '2' })];
  const [entry] = entriesOf(...long);
  assert.equal([entry!.path, entry!.linkname], [name, 'target']);
});

test('a long name counts for the next entry only', () => {
  const paths = entriesOf(rawMember('L', 'long\0'), rawHeader({ name: 'x' }), rawHeader({ name: 'y' }));
  assert.equal(
    paths.map(({ path }) => path),
    ['long', 'y'],
  );
});

test('an archive that ends after an extended header, or inside anything, ends early', async () => {
  for (const rest of [
    rawMember('L', 'long\0'),
    rawMember('K', 'long\0'),
    rawMember('x', encodeRecord('path', Buffer.from('p'))),
    rawHeader({ size: 1 }),
    rawMember('0', 'abc').subarray(0, 700),
    rawHeader().subarray(0, 511),
  ])
    await refuses('invalid-archive', () => entriesOf(rest), /ends early, at byte \d+$/);
});

test('whatever follows the closing zeros is not read', () => {
  assert.equal(
    entriesOf(rawHeader(), END, Buffer.alloc(700, 'x')).map(({ path }) => path),
    ['a'],
  );
});

test('one block of zeros may end an archive, and nothing but zeros may follow it', async () => {
  assert.is(entriesOf(rawHeader(), Buffer.alloc(512)).length, 1);
  await refuses('invalid-archive', () => entriesOf(rawHeader(), Buffer.alloc(512), rawHeader()), /closing zeros/);
});

test('an entry that has no data in the archive has none, whatever its header says', () => {
  const lying = ['1', '2', '5', '6'].map((flag) => rawHeader({ flag, size: 5000 }));
  const entries = entriesOf(...lying, rawHeader({ name: 'last' }));
  assert.equal(
    entries.map(({ size }) => size),
    [0, 0, 0, 0, 0],
  );
  assert.is(entries.at(-1)!.path, 'last');
});

test('a file of 8 PiB costs nothing until its bytes come', async () => {
  const reader = new TarReader(NOTHING);
  reader.push(rawMember('x', encodeRecord('size', Buffer.from(String(Number.MAX_SAFE_INTEGER)))));
  reader.push(rawHeader());
  reader.push(Buffer.alloc(1024));
  await refuses('invalid-archive', () => reader.end(), /ends early/);
});

test('more entries, and longer extended headers, than allowed are refused', async () => {
  const few = () => new TarReader(NOTHING, { ...DEFAULT_LIMITS, ARCHIVE_ENTRIES: 2, ARCHIVE_HEADER: 600 });
  few().push(Buffer.concat([rawHeader(), rawHeader(), rawMember('L', Buffer.alloc(600, 'n'))]));
  await refuses('limit', () => few().push(Buffer.concat([rawHeader(), rawHeader(), rawHeader()])), /entries/);
  for (const flag of ['x', 'g', 'L', 'K'])
    await refuses('limit', () => few().push(rawHeader({ flag, size: 601 })), /601 bytes \(limit 600\)/);
});

test('a path and a link of 4,096 bytes are read, one byte more is refused, of any characters', async () => {
  for (const flag of ['L', 'K']) {
    for (const text of ['n'.repeat(4096), 'é'.repeat(2048)])
      assert.is(entriesOf(rawMember(flag, Buffer.from(text)), rawHeader({ flag: '2' })).length, 1);
    for (const text of ['n'.repeat(4097), 'é'.repeat(2049), '日'.repeat(1366)])
      await refuses('limit', () => entriesOf(rawMember(flag, Buffer.from(text)), rawHeader({ flag: '2' })), /4096/);
  }
});

test('the offset of the data is where it is, however the archive is cut', () => {
  const archive = Buffer.concat([rawMember('0', 'first'), rawMember('L', 'long\0'), rawMember('0', 'second'), END]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 }), (sizes) => {
      const pieces: Buffer[] = [];
      for (let at = 0, turn = 0; at < archive.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        pieces.push(archive.subarray(at, at + size));
        at += size;
      }
      const found = entriesOf(...pieces).map(({ offset, size }) => archive.toString('latin1', offset, offset + size));
      assert.equal(found, ['first', 'second']);
    }),
  );
});

test('a malformed extended header is refused, a global one too', async () => {
  for (const flag of ['x', 'g'])
    await refuses('invalid-archive', () => entriesOf(rawMember(flag, 'no record'), rawHeader()), /pax record/);
});

test.run();
