import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findTrimmedEnd, isBlank, isDigit, isNameCharacter, isSpace, readCharacter } from '../../grammar/characters.ts';
import { findQuotedWordEnd, readFlag } from '../../grammar/flag-text.ts';
import { readHeredocs } from '../../grammar/heredoc.ts';
import { parseHeredocMark, readLogicalLine } from '../../grammar/index.ts';
import { readJsonArray } from '../../grammar/json-array.ts';

const test = suite('parts of a line');

test('space is what Go calls space, and a line feed is no blank', () => {
  assert.ok([' ', '\t', '\n', '\u0085', '\u00a0', '\u3000'].every((text) => isSpace(text, 0)));
  assert.not(isSpace('a', 0) || isSpace('\u200b', 0));
  assert.equal(
    [' ', '\t', '\n', '\u00a0'].map((text) => isBlank(text, 0)),
    [true, true, false, false],
  );
});

test('names and digits may be of any script', () => {
  assert.ok(['a', '_', 'é', '9'].every(isNameCharacter));
  assert.not(isNameCharacter('-') || isNameCharacter(' '));
  assert.ok(isDigit('9') && isDigit('٣'));
  assert.not(isDigit('a'));
});

test('a character may have two units', () => {
  assert.is(readCharacter('😀a', 0), '😀');
  assert.is(readCharacter('a', 1), '');
});

test('trailing space is not before the start', () => {
  assert.is(findTrimmedEnd('ab  ', 0), 2);
  assert.is(findTrimmedEnd('    ', 2), 2);
});

const flag = (text: string) => {
  const found = readFlag(text, 0, '\\');
  return found && [found.parts.map(({ from, to }) => text.slice(from, to)).join(''), found.end];
};

test('a flag ends at the first space outside of quotes', () => {
  assert.equal(flag('--from=a b'), ['--from=a', 8]);
  assert.equal(flag('--from="a b" c'), ['--from=a b', 12]);
  assert.equal(flag("--from='a b' c"), ['--from=a b', 12]);
  assert.equal(flag('--from=a\\ b c'), ['--from=a b', 11]);
});

test('a word without two hyphens is no flag', () => {
  assert.is(flag('-from=a'), undefined);
  assert.is(flag('a'), undefined);
});

test('an open quote of a flag goes to the end of the line', () => {
  assert.equal(flag('--from="a b'), ['--from=a b', 11]);
});

test('a word of ENV ends at space outside of quotes and escapes', () => {
  const word = (text: string) => text.slice(0, findQuotedWordEnd(text, 0, '\\'));
  assert.equal(['a b', '"a b" c', "'a b' c", 'a\\ b c', "'a\\' b", 'a\\'].map(word), [
    'a',
    '"a b"',
    "'a b'",
    'a\\ b',
    "'a\\'",
    'a',
  ]);
});

test('a JSON array of strings has values and spans', () => {
  assert.equal(readJsonArray('["a", "b\\"c"]'), [
    { value: 'a', start: 1, end: 4 },
    { value: 'b"c', start: 6, end: 12 },
  ]);
  assert.equal(readJsonArray('[]'), []);
});

test('other JSON is distinguished from text that is not JSON', () => {
  assert.is(readJsonArray('["a", 1]'), 'not-strings');
  assert.is(readJsonArray("['a']"), undefined);
  assert.is(readJsonArray('["a"'), undefined);
  assert.is(readJsonArray('echo ["a"]'), undefined);
});

test('half of a surrogate pair is replaced, because it is no valid UTF-8', () => {
  assert.equal(readJsonArray('["\\ud83d"]'), [{ value: '\ufffd', start: 1, end: 9 }]);
});

test('the mark of a heredoc has name, quotes, tabs and descriptor', () => {
  assert.equal(parseHeredocMark('<<EOF'), { name: 'EOF', expand: true, chomp: false, fileDescriptor: 0 });
  assert.equal(parseHeredocMark('3<<-"E F"'), { name: 'E F', expand: false, chomp: true, fileDescriptor: 3 });
  for (const text of ['<EOF', '<<<EOF', '<<', '<<-', 'a<<EOF', '<<"EOF']) assert.is(parseHeredocMark(text), undefined);
});

const heredocs = (source: string) =>
  readHeredocs(source, readLogicalLine(source, 0, '\\')).map(
    ({ name, body, terminated }) => `${name} ${JSON.stringify(body.text)}${terminated ? '' : ' open'}`,
  );

test('the bodies of several heredocs follow each other', () => {
  assert.equal(heredocs('COPY <<a <<b /\n1\na\n2\nb\nRUN x'), ['a "1\\n"', 'b "2\\n"']);
});

test('tabs are removed only with a hyphen', () => {
  assert.equal(heredocs('RUN <<-a\n\t\t1\n\ta\n'), ['a "1\\n"']);
  assert.equal(heredocs('RUN <<a\n\t1\na\n'), ['a "\\t1\\n"']);
});

test('a heredoc without its end goes to the end of the file', () => {
  assert.equal(heredocs('RUN <<a\n1\n'), ['a "1\\n" open']);
});

test('a mark in quotes or in a variable starts no heredoc', () => {
  assert.equal(heredocs('RUN echo "<<a"\n1\na\n'), []);
  assert.equal(heredocs('RUN echo ${x:-<<a}\n1\na\n'), []);
  assert.equal(heredocs('RUN echo "open <<a\n1\na\n'), []);
});

test.run();
