import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatDiff } from '../../src/format/index.ts';

const test = suite('unified diff');
const names = { before: 'a', after: 'b' };

test('says nothing of equal texts', () => {
  assert.is(formatDiff('x\n', 'x\n', names), '');
});

test('shows a change with the lines around it', () => {
  const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n';
  const diff = formatDiff(before, before.replace('5\n', 'five\n'), names);
  assert.is(diff, '--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n');
});

test('says where a text has no line end', () => {
  assert.is(formatDiff('x', 'x\n', names), '--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n');
});

test('leads from any text to any other', () => {
  const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 12 }).map((lines) => lines.join(''));
  fc.assert(
    fc.property(text, text, fc.nat(3), (before, after, context) => {
      const diff = formatDiff(before, after, { ...names, context });
      assert.is(before === after ? after : patched(before, diff), after);
    }),
  );
});

/** What `patch` would make of it. */
function patched(before: string, diff: string): string {
  const source = before.split(/(?<=\n)/);
  let result = '';
  let at = 0;
  for (const line of diff.split(/(?<=\n)/).slice(2)) {
    const [, first, count] = /^@@ -(\d+)(?:,(\d+))?/.exec(line) ?? [];
    if (first !== undefined) {
      const start = Number(first) - (count === '0' ? 0 : 1);
      result += source.slice(at, start).join('');
      at = start;
    } else {
      if (line[0] !== '+') assert.is(source[at++], line.slice(1));
      if (line[0] !== '-') result += line.slice(1);
    }
  }
  return result + source.slice(at).join('');
}

test('thousands of changed lines are one change, found in one pass', () => {
  const lines = (text: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${text} ${index}\n`).join('');
  for (const end of ['end\n', '']) {
    const before = `start\n${lines('a', 20_000)}${end}`;
    const after = `start\n${lines('b', 15_000)}${end}`;
    const diff = formatDiff(before, after, names);
    assert.is(patched(before, diff), after);
    assert.is(diff.split('\n@@').length, 2);
  }
  const open = formatDiff(`${lines('a', 2000)}end`, `${lines('b', 2000)}end\n`, names);
  assert.match(open, /\n-end\n\\ No newline at end of file\n\+b 0\n/);
  assert.match(open, /\n\+end\n$/);
});

test.run();
