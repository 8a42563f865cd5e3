import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { classifySource } from '../../src/plan/stages/remote-source.ts';
import { Fault } from '../../src/plan/words/fault.ts';
import { formatDuration, formatList, quote, quoteAll } from '../../src/plan/words/go-format.ts';
import { joinWorkdir, resolveCopyDestination } from '../../src/plan/words/paths.ts';
import { parsePort } from '../../src/plan/words/ports.ts';
import { isSignal } from '../../src/plan/words/signals.ts';
import { findNearestName } from '../../src/plan/words/suggestion.ts';

/** The small readers and printers of the plan: a line is a case. */
const test = suite('plan values');

function cases<Input, Output>(
  name: string,
  work: (input: Input) => Output,
  table: readonly (readonly [Input, Output])[],
) {
  for (const [input, expected] of table) {
    test(`${name}: ${JSON.stringify(input)}`, () => assert.equal(work(input), expected));
  }
}

function refused(work: () => unknown): string {
  try {
    return `accepted: ${JSON.stringify(work())}`;
  } catch (error) {
    if (error instanceof Fault) return 'refused';
    throw error;
  }
}

cases('prints a duration', formatDuration, [
  [0, '0s'],
  [1, '1ns'],
  [1500, '1.5µs'],
  [20e6, '20ms'],
  [1e9, '1s'],
  [1500e6, '1.5s'],
  [90e9, '1m30s'],
  [3600e9, '1h0m0s'],
  [90061e9, '25h1m1s'],
]);

cases('quotes', quote, [
  ['a b', '"a b"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['tab\tnew\n', '"tab\\tnew\\n"'],
  ['\x00\x1b\x7f', '"\\x00\\x1b\\x7f"'],
  ['é日', '"é日"'],
  ['\u00a0\u2028', '"\\u00a0\\u2028"'],
]);

test('prints lists as Go does', () => {
  assert.is(quoteAll(['a', 'b c']), '["a" "b c"]');
  assert.is(formatList([]), '[]');
});

cases('reads a port', (text: string) => parsePort(text), [
  ['80', { ports: [80], protocol: 'tcp', mapsHost: false }],
  ['80/', { ports: [80], protocol: 'tcp', mapsHost: false }],
  ['53/UDP', { ports: [53], protocol: 'UDP', mapsHost: false }],
  ['1-3/sctp', { ports: [1, 2, 3], protocol: 'sctp', mapsHost: false }],
  ['8080:80', { ports: [80], protocol: 'tcp', mapsHost: true }],
  ['127.0.0.1:8080-8081:80', { ports: [80], protocol: 'tcp', mapsHost: true }],
  ['[::1]:1:2', { ports: [2], protocol: 'tcp', mapsHost: true }],
  ['127.0.0.1::80', { ports: [80], protocol: 'tcp', mapsHost: true }],
]);

cases('refuses a port', (text: string) => refused(() => parsePort(text)), [
  ['', 'refused'],
  ['/tcp', 'refused'],
  ['http', 'refused'],
  ['65536', 'refused'],
  ['5-3', 'refused'],
  ['80/icmp', 'refused'],
  ['300.0.0.1:1:2', 'refused'],
  ['1.2.3:1:2', 'refused'],
  ['1-2:3-5', 'refused'],
]);

cases('knows a signal', isSignal, [
  ['SIGTERM', true],
  ['term', true],
  ['9', true],
  ['RTMIN+15', true],
  ['SIGRTMAX-14', true],
  ['RTMIN+16', false],
  ['0', false],
  ['SIGSIGTERM', false],
  ['', false],
]);

cases('tells where a source is', (text: string) => classifySource(text).kind, [
  ['a.tar', 'path'],
  ['./http://x', 'path'],
  ['github.com/a/b', 'path'],
  ['ftp://h/x', 'path'],
  ['https://h/x.tar', 'http'],
  ['https://h/r.git', 'git'],
  ['https://h/r.git?ref=v1#v1:docs', 'git'],
  ['git@h.x:team/r.git', 'git'],
  ['ssh://git@h/r', 'git'],
  ['git://h/r', 'git'],
]);

cases('refuses a git URL that contradicts itself', (text: string) => refused(() => classifySource(text)), [
  ['https://h/r.git?ref=a#b', 'refused'],
  ['https://h/r.git?tag=a&branch=a', 'refused'],
  ['https://h/r.git?subdir=a#:b', 'refused'],
  ['https://h/r.git?ref=a&ref=a', 'refused'],
  ['https://h/r.git?ref=', 'refused'],
  ['https://h/r.git?mtime=never', 'refused'],
  ['https://h/r.git?submodules=maybe', 'refused'],
]);

cases('joins a WORKDIR', ([current, path]: readonly [string, string]) => joinWorkdir(current, path), [
  [['/a', 'b'], '/a/b'],
  [['/a', '../../b/'], '/b'],
  [['/a', '/b/../c/'], '/b/../c/'],
  [['', 'b'], '/b'],
  [['/a', ''], '/a'],
]);

cases('says where a COPY goes', ([workdir, path]: readonly [string, string]) => resolveCopyDestination(workdir, path), [
  [['/w', 'x'], '/w/x'],
  [['/w', 'x/'], '/w/x/'],
  [['/w', '.'], '/w/'],
  [['/w', ''], '/w/'],
  [['/w', '/x/../../y/.'], '/y/'],
  [['/', '.'], '/'],
  [['/', '../../etc'], '/etc'],
]);

test('suggests what is less than three edits away, and nothing if the word itself is there', () => {
  assert.is(findNearestName('biuld', ['test', 'build']), 'build');
  assert.is(findNearestName('fro', ['foo', 'for']), 'foo');
  assert.is(findNearestName('a', ['abcd']), undefined);
  assert.is(findNearestName('build', ['buil', 'build']), undefined);
  assert.is(findNearestName('x', ['']), undefined);
});

test.run();
