import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeRecords, encodeRecord } from '../../src/tar/pax.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('tar: pax records');
const decode = (text: string) => decodeRecords(Buffer.from(text, 'latin1'));
const key = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme-ascii' }).filter((text) => !text.includes('='));

test('records are read as they were written, whatever bytes they hold', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(key, fc.uint8Array({ maxLength: 60 })), { selector: ([name]) => name }),
      (all) => {
        const records = decodeRecords(Buffer.concat(all.map(([name, value]) => encodeRecord(name, value))));
        assert.equal(
          [...records],
          all.map(([name, value]) => [name, Buffer.from(value)]),
        );
      },
    ),
  );
});

test('the length counts its own digits, also where they become one more', () => {
  for (let length = 0; length < 1100; length++) {
    const record = encodeRecord('k', Buffer.alloc(length, 'v'));
    assert.is(Number(/^\d+/.exec(record.toString('latin1'))![0]), record.length);
  }
  assert.is(encodeRecord('path', Buffer.from('a')).toString(), '9 path=a\n');
});

test('the last value of a key counts, and a value may hold equals signs and line ends', () => {
  assert.equal([...decode('6 a=1\n6 a=2\n')], [['a', Buffer.from('2')]]);
  assert.equal([...decode('11 a==b\nc\n\n')], [['a', Buffer.from('=b\nc\n')]]);
  assert.is(decode('').size, 0);
});

for (const [what, text] of [
  ['a length that is too long', '7 a=1\n'],
  ['a length that is too short', '5 a=1\n'],
  ['a length of nothing', '0 a=1\n'],
  ['a length beyond all numbers', `${'9'.repeat(400)} a=1\n`],
  ['a negative length', '-6 a=1\n'],
  ['a length that is no number', 'x a=1\n'],
  ['no length', ' a=1\n'],
  ['no space', '6'],
  ['no equals sign', '6 abc\n'],
  ['an equals sign of the next record only', '6 abc\n6 a=1\n'],
  ['no line end', '6 a=12'],
  ['an empty key', '5 =1\n'],
  ['a key with a NUL', '8 a\0b=1\n'],
  ['zeros behind the records', '6 a=1\n\0\0\0'],
] as const)
  test(`refuses ${what}`, async () => {
    await refuses('invalid-archive', () => decode(text), /pax record is malformed/);
  });

test('any bytes are records or a clear error', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string().map((text) => Buffer.from(`${text.length} ${text}\n`)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (some) => {
      const buffer = Buffer.from(some);
      let records: Map<string, Buffer>;
      try {
        records = decodeRecords(buffer);
      } catch {
        await refuses('invalid-archive', () => decodeRecords(buffer));
        return;
      }
      for (const [name, value] of records) assert.ok(name !== '' && value.length < buffer.length);
    }),
  );
});

test.run();
