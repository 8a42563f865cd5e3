import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes, embed, flag, integer, list, long, text, uint } from '../../../../src/daemon/buildkit/wire/fields.ts';
import { bytesMap, nestedMap, textMap } from '../../../../src/daemon/buildkit/wire/maps.ts';
import { defineMessage } from '../../../../src/daemon/buildkit/wire/message.ts';
import { isMkimageError } from '../../../../src/errors.ts';

const test = suite('buildkit wire messages');

const Inner = defineMessage({ name: text(1), size: integer(2) });
const Outer = defineMessage({
  name: text(1),
  data: bytes(2),
  count: integer(3),
  mode: uint(4),
  time: long(5),
  isOpen: flag(6),
  inner: embed(7, Inner),
  all: list(embed(8, Inner)),
  names: list(text(9)),
  labels: textMap(10),
  blobs: bytesMap(11),
  inners: nestedMap(12, Inner),
});

test('what is written is read again', () => {
  const message = Outer.create({
    name: 'naïve',
    data: Buffer.from([0, 1, 255]),
    count: -5,
    mode: 0x8000_01ed,
    time: -(2n ** 62n),
    isOpen: true,
    inner: Inner.create({ name: 'x', size: 2 ** 40 }),
    all: [Inner.create({ size: 1 }), Inner.create({})],
    names: ['', 'a'],
    labels: new Map([
      ['__proto__', 'a'],
      ['b', ''],
    ]),
    blobs: new Map([['k', Buffer.from('v')]]),
    inners: new Map([['k', Inner.create({ name: 'in' })]]),
  });
  assert.equal(Outer.decode(Outer.encode(message)), message);
});

test('numbers are written as other programs write them', () => {
  assert.is(Inner.encode({ name: 'hi', size: 300 }).toString('hex'), '0a02686910ac02');
  assert.is(Inner.encode({ name: '', size: 0 }).toString('hex'), '');
  assert.is(Inner.encode({ name: '', size: -1 }).toString('hex'), '10ffffffffffffffffff01');
});

test('unknown fields of every type are passed over', () => {
  const unknown = '9a06037878789d0601020304910601020304050607088806ff01';
  const known = Inner.encode({ name: 'a', size: 1 }).toString('hex');
  assert.equal(Inner.decode(Buffer.from(unknown + known, 'hex')), { name: 'a', size: 1 });
});

test('the last value of a field counts', () => {
  assert.is(Inner.decode(Buffer.from('10011002', 'hex')).size, 2);
});

refuses('a value that is longer than the message', '0a05');
refuses('a number without an end', '10ff');
refuses('a number of more than 64 bits', '10ffffffffffffffffffffff01');
refuses('a group', '0b');
refuses('field 0', '0001');
refuses('bytes where a number is expected', '1201ff');
refuses('a number where bytes are expected', '0801');
refuses('a number beyond those of JavaScript', '10ffffffffffffffff7f');
refuses('an end within a fixed number', '9d0601');

test('messages of many empty values are refused before they fill the memory', () => {
  const bomb = Buffer.alloc(2_200_000, Buffer.from('4200', 'hex'));
  assert.throws(() => Outer.decode(bomb), isUsage);
});

test('random bytes either are a message or are refused', () => {
  let seed = 7;
  const nextByte = (): number => {
    seed = (seed * 48271) % 2147483647;
    return seed & 255;
  };
  for (let round = 0; round < 3000; round += 1) {
    const junk = Buffer.from(Array.from({ length: round % 40 }, nextByte));
    try {
      Outer.decode(junk);
    } catch (error) {
      assert.ok(isUsage(error), `${junk.toString('hex')}: ${error}`);
    }
  }
});

test.run();

function refuses(what: string, hex: string): void {
  test(`refuses ${what}`, () => {
    assert.throws(() => Inner.decode(Buffer.from(hex, 'hex')), isUsage);
  });
}

function isUsage(error: unknown): boolean {
  return isMkimageError(error, 'usage');
}
