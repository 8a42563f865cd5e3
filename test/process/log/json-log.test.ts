import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { JsonLog, type JsonLogOptions } from '../../../src/process/log/json-log.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('json-file log');
const folder = tempDir('json-log');
let logs = 0;

interface Entry {
  readonly log: string;
  readonly stream: string;
  readonly time: string;
}

function openLog(options: Partial<JsonLogOptions> = {}): { readonly log: JsonLog; readonly file: string } {
  const file = join(folder, `${logs++}.log`);
  const log = new JsonLog({
    file,
    maxSize: undefined,
    maxFiles: 1,
    now: () => '2026-01-02T03:04:05.000000006Z',
    ...options,
  });
  return { log, file };
}

function entriesOf(file: string): readonly Entry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  assert.is(lines.pop(), '', 'the last entry ends with a line feed');
  return lines.map((line) => JSON.parse(line) as Entry);
}

const textsOf = (file: string) => entriesOf(file).map(({ log }) => log);

test('each line is an entry with its stream and time, and is written as soon as it is complete', () => {
  const { log, file } = openLog();
  using _ = log;
  log.write('stdout', Buffer.from('one\ntw'));
  assert.equal(textsOf(file), ['one\n']);
  log.write('stderr', Buffer.from('oh\n'));
  log.write('stdout', Buffer.from('o\n'));
  assert.equal(entriesOf(file), [
    { log: 'one\n', stream: 'stdout', time: '2026-01-02T03:04:05.000000006Z' },
    { log: 'oh\n', stream: 'stderr', time: '2026-01-02T03:04:05.000000006Z' },
    { log: 'two\n', stream: 'stdout', time: '2026-01-02T03:04:05.000000006Z' },
  ]);
});

test('an unfinished line is written at the end, without a line feed of its own', () => {
  const { log, file } = openLog();
  using _ = log;
  log.write('stdout', Buffer.from('no end'));
  assert.equal(textsOf(file), []);
  log.finish();
  log.finish();
  assert.equal(textsOf(file), ['no end']);
});

test('a long line has several entries, and no character is split between them', () => {
  const { log, file } = openLog();
  using _ = log;
  const line = `x${'é'.repeat(20_000)}\n`;
  log.write('stdout', Buffer.from(line));
  const texts = textsOf(file);
  assert.ok(texts.length > 1);
  assert.is(texts.join(''), line);
  for (const text of texts) assert.not(text.includes('\ufffd'));
  assert.equal(texts.filter((text) => text.endsWith('\n')).length, 1);
});

test('bytes that are no UTF-8 do not stop the log', () => {
  const { log, file } = openLog();
  using _ = log;
  log.write('stdout', Buffer.alloc(40_000, 0x80));
  log.write('stdout', Buffer.from('\nnext\n'));
  assert.is(textsOf(file).at(-1), 'next\n');
});

test('a full file is rotated; the oldest one is removed', () => {
  const { log, file } = openLog({ maxSize: 300, maxFiles: 3 });
  using _ = log;
  for (let number = 0; number < 20; number++) log.write('stdout', Buffer.from(`line ${number}\n`));
  const kept = [`${file}.2`, `${file}.1`, file].flatMap(textsOf);
  assert.is(kept.at(-1), 'line 19\n');
  assert.equal(
    kept,
    Array.from({ length: kept.length }, (_, at) => `line ${20 - kept.length + at}\n`),
  );
  for (const each of [file, `${file}.1`, `${file}.2`]) assert.ok(statSync(each).size <= 300);
  assert.throws(() => statSync(`${file}.3`), /ENOENT/);
});

test('with one file, a full one is replaced by an empty one', () => {
  const { log, file } = openLog({ maxSize: 100, maxFiles: 1 });
  using _ = log;
  for (const line of ['one\n', 'two\n']) log.write('stdout', Buffer.from(line));
  assert.equal(textsOf(file), ['two\n']);
});

test('a log that is opened again continues the file', () => {
  const { log, file } = openLog();
  log.write('stdout', Buffer.from('before\n'));
  log[Symbol.dispose]();
  using again = new JsonLog({ file, maxSize: undefined, maxFiles: 1, now: () => 'later' });
  again.write('stdout', Buffer.from('after\n'));
  assert.equal(textsOf(file), ['before\n', 'after\n']);
  assert.is(statSync(file).mode & 0o777, 0o600);
});

test.run();
