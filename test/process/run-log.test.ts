import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { follow, RunLog } from '../../src/process/run-log.ts';
import { type Call, createQuietCall } from '../../src/progress.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('output of a process');
const root = tempDir('run-log');

function logOf(name: string): RunLog {
  return new RunLog(join(root, name));
}

/** A stream without an end, and how much of it was asked for. */
function endless(): { readonly stream: Readable; readonly given: () => number } {
  let given = 0;
  const chunk = Buffer.alloc(65_536, 'line\n');
  const read = function (this: Readable): void {
    given += chunk.length;
    this.push(chunk);
  };
  return { stream: new Readable({ read }), given: () => given };
}

test('is read no faster than it is shown', async () => {
  const { stream, given } = endless();
  using log = logOf('slow');
  const stop = new AbortController();
  const call: Call = { signal: stop.signal, report: () => {}, drain: () => new Promise(() => {}) };
  const done = follow(stream, { log, call, secrets: [], show: () => {} });
  await sleep(100);
  assert.ok(given() <= 4 * 65_536, `${given()} bytes were read`);
  stop.abort();
  stream.destroy();
  await done.catch(() => {});
});

test('stands in the log byte for byte, with its end in memory', async () => {
  using log = logOf('bytes');
  const chunks = [
    Buffer.from([0xff, 0xfe, 0x0a]),
    Buffer.from('é').subarray(0, 1),
    Buffer.from('é').subarray(1),
    Buffer.from(`${'x'.repeat(300_000)}\nlast but one\nlast`),
  ];
  const texts: string[] = [];
  await follow(Readable.from(chunks), { log, call: createQuietCall(), secrets: [], show: (text) => texts.push(text) });
  assert.equal(readFileSync(log.file), Buffer.concat(chunks));
  assert.is(texts.join(''), Buffer.concat(chunks).toString());
  assert.equal(log.tail.slice(-2), ['last but one', 'last']);
});

test('keeps its last 20 lines, however small the pieces are', async () => {
  using log = logOf('lines');
  for (let number = 0; number < 50_000; number += 1) log.write(Buffer.from(`${number}\n`));
  assert.equal(
    log.tail,
    Array.from({ length: 20 }, (_, index) => String(49_980 + index)),
  );
});

test('is masked in the log and before the eyes alike, also where a secret comes in pieces', async () => {
  using log = logOf('masked');
  const texts: string[] = [];
  const to = { log, call: createQuietCall(), secrets: ['hunter22'], show: (text: string) => texts.push(text) };
  await follow(Readable.from([Buffer.from('say hun'), Buffer.from('ter22 now')]), to);
  assert.is(texts.join(''), 'say *** now');
  assert.is(readFileSync(log.file, 'utf8'), 'say *** now');
});

test('is whole characters, however the stream is cut', async () => {
  using log = logOf('characters');
  const texts: string[] = [];
  const euro = Buffer.from('€');
  const chunks = [euro.subarray(0, 1), euro.subarray(1, 2), euro.subarray(2)];
  await follow(Readable.from(chunks), { log, call: createQuietCall(), secrets: [], show: (text) => texts.push(text) });
  assert.equal(texts, ['€']);
});

test('that never comes makes no file', async () => {
  using log = logOf('silent');
  await follow(Readable.from([]), { log, call: createQuietCall(), secrets: [], show: () => assert.unreachable() });
  assert.ok(log.isEmpty);
  assert.not(existsSync(log.file));
  assert.equal(log.tail, []);
});

test('is stored to its end after the caller has cancelled', async () => {
  using log = logOf('cancelled');
  const stop = new AbortController();
  const call: Call = { signal: stop.signal, report: () => {}, drain: () => new Promise(() => {}) };
  const done = follow(Readable.from([Buffer.from('a'), Buffer.from('b')]), { log, call, secrets: [], show: () => {} });
  stop.abort();
  await done;
  assert.is(readFileSync(log.file, 'utf8'), 'ab');
});

test('that the disk does not take is a fault of the store', () => {
  using log = new RunLog('/dev/full');
  assert.throws(
    () => log.write(Buffer.from('x')),
    (error: Error & { code?: string }) => error.code === 'store' && /write log/.test(error.message),
  );
});

test.run();
