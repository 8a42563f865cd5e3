import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isContinued, readLineLayout, readLogicalLine, readPhysicalLine } from '../../grammar/index.ts';
import { findContinuation, findLongLines, isCommentLine } from '../../grammar/logical-line.ts';

const test = suite('lines');

const join = (source: string, escapeCharacter: '\\' | '`' = '\\') => readLogicalLine(source, 0, escapeCharacter);
const layout = (source: string) =>
  readLineLayout(source, '\\', { start: 0, end: source.length }).map(
    ({ kind, start, end }) => `${kind} ${JSON.stringify(source.slice(start, end))}`,
  );

test('a physical line ends before its line end', () => {
  assert.equal(readPhysicalLine('ab\ncd', 0), { start: 0, end: 2, next: 3 });
  assert.equal(readPhysicalLine('ab\r\ncd', 0), { start: 0, end: 2, next: 4 });
  assert.equal(readPhysicalLine('ab', 0), { start: 0, end: 2, next: 2 });
});

test('only a line whose first character is a hash is a comment', () => {
  const isComment = (text: string) => isCommentLine(text, readPhysicalLine(text, 0));
  assert.equal(['# a', '  # a', 'a # b', ''].map(isComment), [true, true, false, false]);
});

test('continued lines are joined without the escape character', () => {
  assert.is(join('RUN a \\\n  b\nRUN c').text, 'RUN a   b');
});

test('blanks may follow the escape character', () => {
  assert.is(join('RUN a \\  \t\nb').text, 'RUN a b');
});

test('comments and empty lines in a continuation are skipped', () => {
  const { text, emptyLines } = join('RUN a \\\n# why\n\n  b');
  assert.is(text, 'RUN a   b');
  assert.equal(emptyLines, [{ start: 14, end: 14 }]);
});

test('two escape characters at the end are text', () => {
  assert.is(join('RUN a \\\\\nRUN b').text, 'RUN a \\\\');
});

test('the escape character of the directive is used', () => {
  assert.is(join('RUN a `\nb', '`').text, 'RUN a b');
  assert.is(join('RUN a \\\nb', '`').text, 'RUN a \\');
});

test('an escape character on the last line is dropped', () => {
  assert.is(join('RUN a \\').text, 'RUN a ');
});

test('a lone escape character does not break the offsets', () => {
  const { text, pieces } = join('\\\nRUN a');
  assert.is(text, 'RUN a');
  assert.equal(pieces, [{ at: 0, from: 2 }]);
});

test('a continuation is found only at the end of the span', () => {
  assert.is(findContinuation('a \\ b', '\\', { start: 0, end: 3 }), 2);
  assert.is(findContinuation('a \\ b', '\\', { start: 0, end: 5 }), undefined);
  assert.is(findContinuation('', '\\', { start: 0, end: 0 }), undefined);
});

test('text that ends with an escape character is continued', () => {
  assert.equal(
    ['a', 'a \\', 'a \\\\', '\\', 'a \\ '].map((text) => isContinued(text, '\\')),
    [false, true, false, true, true],
  );
});

test('the layout has each physical line of an instruction', () => {
  assert.equal(layout('RUN a \\\n  # why\n\n  b'), [
    'content "RUN a "',
    'comment "# why"',
    'empty ""',
    'content "  b"',
  ]);
});

test('the layout of one line is one part', () => {
  assert.equal(layout('RUN a'), ['content "RUN a"']);
});

test('lines above the limit are reported with their span', () => {
  const long = 'x'.repeat(70_000);
  const [found, ...more] = findLongLines(`a\n${long}\nb`);
  assert.equal(found, { start: 2, end: 70_002 });
  assert.equal(more, []);
});

test('the limit counts bytes and not characters', () => {
  assert.is(findLongLines('é'.repeat(40_000)).length, 1);
  assert.is(findLongLines('e'.repeat(40_000)).length, 0);
});

test.run();
