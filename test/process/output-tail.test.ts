import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OutputTail } from '../../src/process/output-tail.ts';

const test = suite('the end of an output');

function tailOf(...texts: readonly string[]): OutputTail {
  const tail = new OutputTail();
  for (const text of texts) tail.push(Buffer.from(text));
  return tail;
}

function ends(texts: readonly string[], most: number, expected: readonly string[]): void {
  test(`${JSON.stringify(texts)} ends in ${expected.join(' | ') || 'nothing'}`, () => {
    assert.equal(tailOf(...texts).lines(most), expected);
  });
}
ends([], 3, []);
ends(['one'], 3, ['one']);
ends(['one\n'], 3, ['one']);
ends(['one\ntwo\nthree\nfour\n'], 2, ['three', 'four']);
ends(['on', 'e\ntw', 'o'], 3, ['one', 'two']);
ends(['one\n\n'], 3, ['one', '']);
ends(['\n'], 3, ['']);

test('keeps characters whole that come in two pieces', () => {
  const tail = new OutputTail();
  for (const byte of Buffer.from('é\n')) tail.push(Buffer.from([byte]));
  assert.equal(tail.lines(1), ['é']);
});

test('keeps the last 128 KiB at least, whatever came before', () => {
  const long = 'x'.repeat(100_000);
  const tail = tailOf(`early\n${long}\n`, 'kept\n', `${'y'.repeat(140_000)}\n`, 'last\n');
  const lines = tail.lines(10);
  assert.equal([lines.at(-1), lines.at(-2)?.length], ['last', 140_000]);
  assert.not(lines.includes('early'));
});

test('does not hold on to what a caller changes afterwards in a small piece that was joined', () => {
  const tail = new OutputTail();
  const piece = Buffer.from('one\n');
  tail.push(piece);
  tail.push(Buffer.from('two\n'));
  piece.fill(0x2d);
  assert.equal(tail.lines(2), ['one', 'two']);
});

test.run();
