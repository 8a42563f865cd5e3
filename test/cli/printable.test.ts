import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toPrintable, toPrintableLines } from '../../src/cli/text/printable.ts';
import { formatTable } from '../../src/cli/text/table.ts';

const test = suite('printable');

test('removes what would steer the terminal', () => {
  assert.is(toPrintable('\x1b[31mred\x1b[0m \x1b]0;title\x07done\x08\x00'), 'red done');
  assert.is(toPrintable('\u202eevil'), 'evil');
  assert.is(toPrintable('\x9b31mred'), 'red');
  assert.is(toPrintable('\x1b[2Jkept\x07\x1bM\x1b(B'), 'kept');
  assert.is(toPrintable('\x1b'), '');
});

test('shows what a carriage return left on the line', () => {
  assert.is(toPrintable('10%\r50%\r100%\r'), '100%');
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
      assert.is(toPrintableLines(text), text.split('\n').map(toPrintable).join('\n'));
    }),
  );
});

test('reads a line of nothing but carriage returns in linear time', () => {
  const before = process.cpuUsage().user;
  assert.is(toPrintable(`${'\r'.repeat(1_000_000)}x`), 'x');
  assert.ok(process.cpuUsage().user - before < 2_000_000);
});

test('sets tables with aligned columns and no trailing spaces', () => {
  const text = formatTable(
    ['NAME', 'SIZE'],
    [
      ['日本', '1MB'],
      ['a\x1b[2Jb', ''],
    ],
  );
  assert.is(text, 'NAME   SIZE\n日本   1MB\nab\n');
});

test.run();
