import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { printable, printableLines } from '../../src/cli/text/printable.ts';
import { table } from '../../src/cli/text/table.ts';

const test = suite('printable');

test('removes what would steer the terminal', () => {
  assert.is(printable('\x1b[31mred\x1b[0m \x1b]0;title\x07done\x08\x00'), 'red done');
  assert.is(printable('\u202eevil'), 'evil');
  assert.is(printable('\x9b31mred'), 'red');
  assert.is(printable('\x1b[2Jkept\x07\x1bM\x1b(B'), 'kept');
  assert.is(printable('\x1b'), '');
});

test('shows what a carriage return left on the line', () => {
  assert.is(printable('10%\r50%\r100%\r'), '100%');
});

test('takes many lines at once as it takes each alone', () => {
  const piece = fc.constantFrom(
    'a',
    'é',
    '\t',
    '\r',
    '\r\r',
    '\x1b[1m',
    '\x1b]0;t',
    '\x1b',
    '\x07',
    '\x9b',
    '\u202e',
    '\n',
    '[',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      assert.is(printableLines(text), text.split('\n').map(printable).join('\n'));
    }),
  );
});

test('reads a line of nothing but carriage returns in linear time', () => {
  const before = process.cpuUsage().user;
  assert.is(printable(`${'\r'.repeat(1_000_000)}x`), 'x');
  assert.ok(process.cpuUsage().user - before < 2_000_000);
});

test('sets tables with aligned columns and no trailing spaces', () => {
  const text = table(
    ['NAME', 'SIZE'],
    [
      ['日本', '1MB'],
      ['a\x1b[2Jb', ''],
    ],
  );
  assert.is(text, 'NAME   SIZE\n日本   1MB\nab\n');
});

test.run();
