import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatCodeFrame, parseBuildFile } from '../../src/instructions/index.ts';

const test = suite('code frame');

function frameOf(source: string, options = {}): string {
  return formatCodeFrame(source, parseBuildFile(source).diagnostics[0]!.range, options);
}

test('a word is underlined in its line, between the lines around it', () => {
  const source = 'FROM scratch\nRUN a\n\tCOPY --chwon=x a b\nRUN c\nRUN d\nRUN e\n';
  const expected = ['2 |     RUN a', '3 | >>> \tCOPY --chwon=x a b', '  |     \t     ^^^^^^^^^', '4 |     RUN c'];
  assert.is(frameOf(source, { context: 1 }), expected.join('\n'));
});

test('a password in a URL is covered up, and marks stand right', () => {
  const source = 'FROM scratch\nADD --bad https://me:p@ss@host/x https://host/a@b https://t0ken@host/ /\n';
  const expected = [
    '2 | >>> ADD --bad https://*******@host/x https://host/a@b https://*****@host/ /',
    '  |         ^^^^^',
  ];
  assert.is(frameOf(source, { context: 0 }), expected.join('\n'));
});

test('all lines of a continued instruction are marked', () => {
  const source = 'FROM scratch\nCOPY \\\n  # why\n  a\nRUN b\n';
  const expected = ['1 |     FROM scratch', '2 | >>> COPY \\', '3 | >>>   # why', '4 | >>>   a', '5 |     RUN b'];
  assert.is(frameOf(source, { context: 1 }), expected.join('\n'));
});

test('the middle of a long range is left out', () => {
  const source = `FROM scratch\nCOPY${' \\\n #'.repeat(30)} \\\na\n`;
  const frame = frameOf(source, { longest: 3, context: 0 }).split('\n');
  assert.is(frame.length, 5);
  assert.match(frame[3]!, /…/);
  assert.match(frame[4]!, />>> a$/);
});

test('a long line is cut', () => {
  const frame = frameOf(`RUNN ${'x'.repeat(500)}\n`, { width: 20, context: 0 });
  assert.match(frame, /^1 \| >>> RUNN x{14}…$/m);
});

test('an empty file has a frame', () => {
  assert.is(frameOf(''), '1 | >>>');
});

test.run();
