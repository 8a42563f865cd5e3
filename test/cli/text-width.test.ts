import libraryWidth from 'string-width';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import measureWidth, { cutToWidth, padToWidth } from '../../src/cli/text/text-width.ts';

const test = suite('text width');

const SAMPLES = [
  '',
  'plain',
  'naïve',
  'e\u0301',
  '日本語',
  '한국',
  '👍',
  '👩‍👩‍👧',
  '✔',
  '⠋ x',
  '…',
  '❤️',
  'ｆｕｌｌ',
  '\x1b[31mred\x1b[0m',
  '\u200b',
  'день',
];

for (const sample of SAMPLES) {
  test(`measures ${JSON.stringify(sample)} as string-width does`, () =>
    assert.is(measureWidth(sample), libraryWidth(sample)));
}

test('cuts to a width and shows that something is missing', () => {
  assert.is(cutToWidth('RUN make all', 8), 'RUN mak…');
  assert.is(cutToWidth('short', 5), 'short');
  assert.is(cutToWidth('日本語', 4), '日…');
  assert.is(cutToWidth('anything', 1), '…');
  assert.is(cutToWidth('anything', 0), '');
});

test('pads to a width', () => {
  assert.is(padToWidth('日', 4), '日  ');
  assert.is(padToWidth('long', 2), 'long');
});

test.run();
