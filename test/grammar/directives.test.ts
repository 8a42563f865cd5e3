import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readDirectives } from '../../grammar/directives.ts';

const test = suite('directives');

const values = (source: string) => readDirectives(source).lines.map(({ name, value }) => `${name}=${value}`);
const problems = (source: string) => readDirectives(source).problems.map(({ code }) => code);

test('directives are read in any case and with blanks', () => {
  assert.equal(values('# syntax=docker/dockerfile:1\n#ESCAPE = `\n# check=skip=all\nFROM a'), [
    'syntax=docker/dockerfile:1',
    'escape=`',
    'check=skip=all',
  ]);
});

test('the first other line ends the directives', () => {
  assert.equal(values('# a comment\n# escape=`\nFROM a'), []);
  assert.equal(values('\n# escape=`\nFROM a'), []);
  assert.equal(values('FROM a\n# escape=`'), []);
});

test('an unknown directive is a comment', () => {
  assert.equal(values('# author=me\n# escape=`\n'), []);
});

test('the escape character is the backslash unless a directive sets the backtick', () => {
  assert.is(readDirectives('FROM a').escape, '\\');
  assert.is(readDirectives('# escape=`\nFROM a').escape, '`');
  assert.is(readDirectives('# escape=\\\nFROM a').escape, '\\');
});

test('another escape character is an error, and the default stays', () => {
  assert.equal(problems('# escape=^\nFROM a'), ['invalid-escape']);
  assert.is(readDirectives('# escape=^\nFROM a').escape, '\\');
});

test('a directive that is used twice is an error', () => {
  assert.equal(problems('# escape=`\n# escape=`\nFROM a'), ['repeated-directive']);
});

test('a line for the kernel may be before the directives, but disables escape', () => {
  const source = '#!/usr/bin/env mkimage\n# escape=`\n# check=skip=all\nFROM a';
  assert.equal(values(source), ['escape=`', 'check=skip=all']);
  assert.is(readDirectives(source).escape, '\\');
  assert.equal(problems('#!x\n# escape=^\nFROM a'), []);
});

test('the value is trimmed', () => {
  assert.equal(values('#syntax=  a b  \nFROM a'), ['syntax=a b']);
});

test('the span of a directive is its line without indentation', () => {
  const [line] = readDirectives('  # escape=`\r\nFROM a').lines;
  assert.equal(line?.span, { start: 2, end: 12 });
});

test('another syntax is recognised by its own comment or by its JSON', () => {
  assert.equal(values('//syntax=other/frontend\n{}'), ['syntax=other/frontend']);
  assert.equal(values('{"syntax": "other/frontend", "a": 1}'), ['syntax=other/frontend']);
  assert.ok(readDirectives('{"syntax": "other/frontend"}').isForeign);
  assert.not(readDirectives('# syntax=docker/dockerfile:1\nFROM a').isForeign);
});

test('invalid JSON and JSON without a syntax are no other syntax', () => {
  for (const source of ['{"syntax": 1}', '{"syntax": ', '[]', '{}']) {
    assert.not(readDirectives(source).isForeign, source);
  }
});

test.run();
