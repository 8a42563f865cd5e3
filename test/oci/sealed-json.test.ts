import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openSealedJson, sealJson, sealJsonInPieces } from '../../src/oci/index.ts';

const test = suite('JSON with a checksum');

const LONG = 20_000;

test('contains the object as `JSON.stringify` writes it, followed by the sum', () => {
  const values = [
    {},
    { a: undefined, b: [1, null], c: 'text', d: { e: [] } },
    { rows: Array.from({ length: LONG }, (_, row) => row), paths: 'a//'.repeat(LONG) },
    { odd: '\u{1f600}"\\\n'.repeat(LONG), half: `${'x'.repeat(8191)}\ud83d`, after: 'y'.repeat(8193) },
  ];
  for (const value of values) {
    const text = sealJson(value);
    const plain = JSON.stringify(value).slice(0, -1);
    assert.is(text.slice(0, plain.length), plain);
    assert.match(text.slice(plain.length), /^,"sum":"[0-9a-f]{64}"\}$/);
  }
});

test('every object survives sealing and opening', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const member = { value };
      assert.equal(openSealedJson(sealJson(member)), JSON.parse(JSON.stringify(member)));
    }),
  );
});

test('no piece of a long object is long', () => {
  const value = { rows: Array.from({ length: LONG }, (_, row) => row), paths: 'path//'.repeat(LONG) };
  const longest = Math.max(...[...sealJsonInPieces(value)].map((piece) => piece.length));
  assert.ok(longest < 100_000, `${longest} characters`);
});

test('a changed text is not opened', () => {
  const text = sealJson({ rows: [1, 2, 3] });
  assert.is(openSealedJson(text.replace('2', '4')), undefined);
  assert.is(openSealedJson(text.slice(0, -1)), undefined);
});

test.run();
