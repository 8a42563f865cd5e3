import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LineSplitter } from '../../../src/cli/render/line-splitter.ts';
import { toPrintable } from '../../../src/cli/text/printable.ts';

const test = suite('lines of output');

const piece = fc.oneof(fc.constantFrom('\n', '\r', '\r\n', '\n\n', 'é', '\x1b[31m'), fc.string({ maxLength: 4 }));

test('are the same however the output is cut into pieces', () => {
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const splitter = new LineSplitter();
      const shown = pieces.map((text) => splitter.push(text, '> ')).join('') + splitter.end('> ');
      const lines = pieces.join('').split('\n');
      const last = toPrintable(lines.pop()!);
      const expected = lines.map((line) => `> ${toPrintable(line)}\n`).join('');
      assert.is(shown.startsWith(expected), true, JSON.stringify([shown, expected]));
      assert.is(toPrintable(shown.slice(expected.length).replace(/^> /, '').replace(/\n$/, '')), last);
    }),
  );
});

test('cost the same for each character of a line that never ends', () => {
  const splitter = new LineSplitter();
  const before = process.cpuUsage().user;
  for (let count = 0; count < 1_000_000; count += 1) splitter.push('x');
  for (let count = 0; count < 1_000_000; count += 1) splitter.push('\r');
  for (let count = 0; count < 2_000; count += 1) splitter.push('10%\r'.repeat(16_384));
  assert.ok(process.cpuUsage().user - before < 4_000_000);
  assert.is(splitter.end(), '10%\n');
});

test('are only looked at near the end where only the last are wanted', () => {
  const splitter = new LineSplitter();
  splitter.push('begun ');
  assert.is(splitter.pushLast('first\nsecond\nthird\nfourth', 2), 'second\nthird\n');
  assert.is(splitter.pushLast(' line\n', 2), 'fourth line\n');
});

test.run();
