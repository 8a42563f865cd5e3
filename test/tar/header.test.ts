import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BLOCK,
  checksumOf,
  createOctalWriter,
  FIELD,
  type Field,
  fitsOctal,
  readNumber,
  signedChecksumOf,
} from '../../src/tar/header.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('tar: numbers and sums of a header');
const TWELVE: Field = FIELD.size;
const EIGHT: Field = FIELD.uid;

/** A block with these bytes in a field, zeros behind. */
function blockWith([start]: Field, bytes: Uint8Array | string): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(Buffer.from(bytes as string, 'latin1'), start);
  return block;
}

/** GNU's form of a number that needs more than octal digits. */
function base256(value: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let rest = value;
  for (let index = length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0]! |= 0x80;
  return bytes;
}

test('a number that fits as octal digits is read as it was written', () => {
  for (const field of [TWELVE, EIGHT]) {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 ** (field[1] - 1) - 1 }), (value) => {
        const block = Buffer.alloc(BLOCK);
        assert.ok(fitsOctal(value, field));
        createOctalWriter(field)(block, 0, value);
        assert.is(readNumber(block, 0, field), value);
        assert.is(block[field[0] + field[1] - 1], 0);
      }),
    );
  }
});

test('the largest number of a field fits, the next one and negative ones do not', () => {
  assert.ok(fitsOctal(0o7777777, EIGHT));
  assert.not(fitsOctal(0o10000000, EIGHT));
  assert.ok(fitsOctal(8 ** 11 - 1, TWELVE));
  assert.not(fitsOctal(8 ** 11, TWELVE));
  assert.not(fitsOctal(-1, TWELVE));
});

test('spaces and NULs around the digits do not count, and an empty field is 0', () => {
  for (const [text, value] of [
    ['', 0],
    ['        ', 0],
    ['   17 \0', 15],
    ['0000017\0', 15],
    ['17', 15],
    ['\0\x0017', 15],
    ['77777777', 0o77777777],
    ['17\x0099', 15],
  ] as const)
    assert.is(readNumber(blockWith(EIGHT, text), 0, EIGHT), value, JSON.stringify(text));
});

for (const text of ['8', '19', '-1', '+7', '0x1F', '7.5', 'abc', '1,2', '1_0'])
  test(`\`${text}\` is no octal number`, async () => {
    await refuses('invalid-archive', () => readNumber(blockWith(EIGHT, text), 0, EIGHT), /a number .* malformed/);
  });

test('every safe integer is read from base-256, negative ones too', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      assert.is(readNumber(blockWith(TWELVE, base256(BigInt(value), 12)), 0, TWELVE), value);
    }),
  );
  for (const value of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -1, 2 ** 33])
    assert.is(readNumber(blockWith(TWELVE, base256(BigInt(value), 12)), 0, TWELVE), value);
});

test('a base-256 number beyond the safe integers is refused and not rounded', async () => {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  for (const value of [most + 1n, -most - 1n, 1n << 64n, (1n << 94n) - 1n, -(1n << 94n)])
    await refuses('invalid-archive', () => readNumber(blockWith(TWELVE, base256(value, 12)), 0, TWELVE));
});

test('the first byte of base-256 may hold no more than the mark and a sign', () => {
  assert.is(readNumber(blockWith(EIGHT, Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0])), 0, EIGHT), 0);
  assert.is(readNumber(blockWith(EIGHT, Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])), 0, EIGHT), 2 ** 32 - 1);
  assert.is(readNumber(blockWith(EIGHT, Buffer.alloc(8, 0xff)), 0, EIGHT), -1);
});

test('a checksum does not depend on the position of the block, and skips the checksum field', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: BLOCK, maxLength: BLOCK }), fc.nat(7), (bytes, shift) => {
      const place = Buffer.alloc(BLOCK + 8);
      place.set(bytes, shift);
      const rest = [...bytes].filter((_, at) => at < 148 || at >= 156);
      assert.is(
        checksumOf(place, shift),
        rest.reduce((sum, byte) => sum + byte, 256),
      );
      assert.is(
        signedChecksumOf(place, shift),
        rest.reduce((sum, byte) => sum + (byte > 127 ? byte - 256 : byte), 256),
      );
    }),
    { numRuns: 60 },
  );
});

test('the largest possible sum does not overflow', () => {
  assert.is(checksumOf(Buffer.alloc(BLOCK, 255), 0), 504 * 255 + 256);
  assert.is(signedChecksumOf(Buffer.alloc(BLOCK, 255), 0), 256 - 504);
});

test.run();
