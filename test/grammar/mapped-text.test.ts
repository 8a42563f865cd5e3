import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findSourceSpan, joinParts, type MappedText, slicePart, sliceSource } from '../../grammar/index.ts';
import { findSourceOffset } from '../../grammar/mapped-text.ts';

const test = suite('mapped text');

/** `ab` from offset 10 and `cde` from offset 20. */
const TWO: MappedText = {
  text: 'abcde',
  pieces: [
    { at: 0, from: 10 },
    { at: 2, from: 20 },
  ],
  sourceEnd: 23,
};

test('a slice of the source has one piece and the same offsets', () => {
  const text = sliceSource('FROM scratch', 5, 12);
  assert.equal(text, { text: 'scratch', pieces: [{ at: 0, from: 5 }], sourceEnd: 12 });
  assert.equal(findSourceSpan(text), { start: 5, end: 12 });
});

test('each character is found in its piece', () => {
  assert.equal(
    [0, 1, 2, 4].map((at) => findSourceOffset(TWO, at)),
    [10, 11, 20, 22],
  );
});

test('the end of the text is the end of the last piece', () => {
  assert.is(findSourceOffset(TWO, 5), 23);
  assert.is(findSourceOffset(TWO, 99), 23);
});

test('a span ends after its last character and not at the next piece', () => {
  assert.equal(findSourceSpan(TWO, 0, 2), { start: 10, end: 12 });
  assert.equal(findSourceSpan(TWO, 1, 3), { start: 11, end: 21 });
});

test('an empty span is at the next character', () => {
  assert.equal(findSourceSpan(TWO, 2, 2), { start: 20, end: 20 });
  assert.equal(findSourceSpan(TWO, 5, 5), { start: 23, end: 23 });
});

test('a part over two pieces keeps both', () => {
  const part = slicePart(TWO, 1, 4);
  assert.equal(part, {
    text: 'bcd',
    pieces: [
      { at: 0, from: 11 },
      { at: 1, from: 20 },
    ],
    sourceEnd: 22,
  });
});

test('a part within one piece has no other piece', () => {
  assert.equal(slicePart(TWO, 3, 5).pieces, [{ at: 0, from: 21 }]);
  assert.equal(slicePart(TWO, 0, 2).pieces, [{ at: 0, from: 10 }]);
});

test('an empty part has a position', () => {
  assert.equal(slicePart(TWO, 2, 2), { text: '', pieces: [{ at: 0, from: 20 }], sourceEnd: 20 });
});

test('joined parts keep the offsets of each part', () => {
  const joined = joinParts(TWO, [
    { from: 0, to: 1 },
    { from: 3, to: 5 },
  ]);
  assert.is(joined.text, 'ade');
  assert.equal(
    [0, 1, 2].map((at) => findSourceOffset(joined, at)),
    [10, 21, 22],
  );
});

test('no parts make an empty text at the end of the source', () => {
  assert.equal(joinParts(TWO, []), { text: '', pieces: [], sourceEnd: 23 });
});

test.run();
