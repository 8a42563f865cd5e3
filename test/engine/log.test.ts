import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LogEntry, openLog } from '../../src/engine/log.ts';
import type { LogFacts } from '../../src/progress.ts';

const test = suite('debug log');

function recorded(wants = () => true) {
  const entries: LogEntry[] = [];
  return { entries, log: openLog({ wants, write: (entry) => entries.push(entry) }) };
}

function cleaned(facts: LogFacts, hidden: readonly string[] = []): LogFacts {
  const { entries, log } = recorded();
  log.hide(hidden);
  log.debug('http', 'GET', facts);
  return entries[0]!.facts;
}

test('keeps numbers and texts, and leaves out what is not known', () => {
  assert.equal(cleaned({ status: 200, url: 'https://a.example/x', proxy: undefined, reused: false }), {
    status: 200,
    url: 'https://a.example/x',
    reused: false,
  });
});

test('ignores areas that were not requested', () => {
  const { entries, log } = recorded(() => false);
  log.debug('http', 'GET', { status: 200 });
  assert.equal(entries, []);
});

test('shows no credentials and no queries of URLs, wherever they stand in a text', () => {
  const facts = cleaned({
    url: 'https://user:pass@a.example/x?X-Amz-Signature=abc#part',
    other: 'ssh://user:pass@a.example/x',
    why: 'fetch `https://user:pass@a.example/x?token=abc`: Authorization was `Bearer abc.def`',
    proxy: 'socks5://user:pass@proxy.example:1080',
  });
  assert.equal(facts, {
    url: 'https://a.example/x?…',
    other: 'ssh://a.example/x',
    why: 'fetch `https://a.example/x?…`: Authorization was `Bearer …',
    proxy: 'socks5://proxy.example:1080',
  });
});

test('shows no credentials of URLs of any scheme in the middle of a text', () => {
  assert.equal(cleaned({ why: 'clone git+ssh://user:pass@a.example/x, then ftp://user:p@ss@b.example/' }), {
    why: 'clone git+ssh://a.example/x, then ftp://b.example/',
  });
});

test('masks hidden values in messages and facts, also those that were hidden later and those of many lines', () => {
  const { entries, log } = recorded();
  log.hide(['hunter2-hunter2']);
  log.hide(['line one of the key\nline two of the key', 'abc']);
  log.debug('step', 'ran hunter2-hunter2', {
    why: 'no file `/hunter2-hunter2`',
    key: 'line two of the key',
    abc: 'abc',
  });
  assert.equal(entries[0], {
    area: 'step',
    message: 'ran ***',
    facts: { why: 'no file `/***`', key: '***', abc: 'abc' },
  });
});

test('makes one line of at most 300 characters of each text', () => {
  const { long, longer, lines } = cleaned({
    long: 'x'.repeat(1000),
    longer: 'x'.repeat(1e6),
    lines: 'one\ntwo\x1b[31m',
  });
  assert.is(String(long).length, 301);
  assert.is(longer, '');
  assert.is(lines, 'one two [31m');
});

test.run();
