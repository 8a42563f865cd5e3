import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { follow, RunLog } from '../../../src/process/run-log.ts';
import type { Call } from '../../../src/progress.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('output of a step');
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
  const call: Call = { signal: stop.signal, report: () => {}, caughtUp: () => new Promise(() => {}) };
  const done = follow(stream, 'stdout', { step: 'a', log, call, secrets: [] });
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
  const call: Call = {
    signal: new AbortController().signal,
    report: (event) => event.type === 'step-output' && texts.push(event.text),
  };
  await follow(Readable.from(chunks), 'stdout', { step: 'a', log, call, secrets: [] });
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

test('that the disk does not take is a fault of the store', () => {
  using log = new RunLog('/dev/full');
  assert.throws(
    () => log.write(Buffer.from('x')),
    (error: Error & { code?: string }) => error.code === 'store' && /write log/.test(error.message),
  );
});

test.run();
