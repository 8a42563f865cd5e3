import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { computeDistance, findNearest, parseBool, parseSize, splitCsv, splitGitUrl } from '../../src/notation/index.ts';

const test = suite('notation');

test('booleans are what strconv.ParseBool takes for one', () => {
  for (const text of ['1', 't', 'T', 'TRUE', 'true', 'True']) assert.is(parseBool(text), true, text);
  for (const text of ['0', 'f', 'F', 'FALSE', 'false', 'False']) assert.is(parseBool(text), false, text);
  for (const text of ['', 'tRUE', 'yes', 'on', ' true', '2', 'true\n']) assert.is(parseBool(text), undefined, text);
});

test('sizes have binary units in any case, as go-units reads them', () => {
  const sizes: readonly (readonly [string, number | undefined])[] = [
    ['10', 10],
    ['1024', 1024],
    ['7b', 7],
    ['1k', 1024],
    ['64m', 67_108_864],
    ['1.5g', 1_610_612_736],
    ['.5k', 512],
    ['2KiB', 2048],
    ['1Gb', 1_073_741_824],
    ['5 mb', 5_242_880],
    ...['', 'x', 'm', '-1', '1x', '1xb', '64mi', '1 2', '0x10', '1  k'].map((text) => [text, undefined] as const),
  ];
  for (const [text, bytes] of sizes) assert.is(parseSize(text), bytes, text);
});

test('fields of a line may hold commas and quotes', () => {
  assert.equal(splitCsv('a,,"b,""c""",'), { fields: ['a', '', 'b,"c"', ''] });
  assert.equal(splitCsv(''), { fields: [''] });
  assert.equal(splitCsv('"a'), { quote: 'open' });
  assert.equal(splitCsv('"a"b,c'), { quote: 'open' });
  assert.equal(splitCsv('a"b,c'), { quote: 'inside' });
});

test('whatever fields are written as a line come back', () => {
  const line = (fields: readonly string[]) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => assert.equal(splitCsv(line(fields)), { fields })),
  );
});

test('a swap of neighbours is one mistake where that is said', () => {
  assert.is(computeDistance('biuld', 'build', { below: 2, swaps: true }), 1);
  assert.is(computeDistance('biuld', 'build', { below: 2 }), undefined);
  assert.is(computeDistance('biuld', 'build', { below: 3 }), 2);
  assert.is(computeDistance('BUILD', 'build', { below: 1, ignoreCase: true }), 0);
});

test('the nearest is the first of those with the fewest edits', () => {
  assert.equal(findNearest('cat', ['dog', 'cart', 'car', 'bat'], { below: 3 }), { candidate: 'cart', distance: 1 });
  assert.is(findNearest('cat', ['house'], { below: 3 }), undefined);
  assert.is(findNearest('cat', ['cap'], { below: 1 }), undefined);
});

test('git URLs are told from paths and from other URLs', () => {
  for (const text of [
    'https://h/r.git',
    'https://h/r%2egit#v1',
    'ssh://h/r',
    'git://h/r',
    'git@h.x:r',
    'github.com/a/b',
  ])
    assert.ok(splitGitUrl(text), text);
  for (const text of [
    'https://h/r.tar',
    './git@h:r',
    '../r.git',
    'r.git',
    'ftp://h/r.git',
    'http://[/r.git',
    'ssh://h:x/r',
  ])
    assert.is(splitGitUrl(text), undefined, text);
  const parts = { remote: 'https://h/r.git', query: 'ref=v%201', fragment: 'a b:c', looksLocal: false };
  assert.equal(splitGitUrl('HTTPS://h/r.git?ref=v%201#a%20b:c'), parts);
});

test.run();
