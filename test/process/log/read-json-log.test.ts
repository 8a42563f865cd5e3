import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LogFollowing, readJsonLog } from '../../../src/process/log/read-json-log.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('reading a json-file log');
const folder = tempDir('read-json-log');
let logs = 0;

const newFile = () => join(folder, `${logs++}.log`);
const lineOf = (number: number) =>
  `${JSON.stringify({ log: `${number}\n`, stream: 'stdout', time: timeOf(number) })}\n`;
const timeOf = (number: number) => new Date(number * 1000).toISOString();
const linesOf = (...numbers: readonly number[]) => numbers.map(lineOf).join('');

async function read(file: string, options: Partial<LogFollowing> = {}): Promise<readonly number[]> {
  const { signal } = new AbortController();
  const found: number[] = [];
  const following = { file, tail: undefined, since: undefined, until: undefined, isComplete: undefined, signal };
  for await (const { log } of readJsonLog({ ...following, ...options })) found.push(Number(log));
  return found;
}

test('entries come with those of rotated files, oldest first', async () => {
  const file = newFile();
  writeFileSync(`${file}.2`, linesOf(1, 2));
  writeFileSync(`${file}.1`, linesOf(3));
  writeFileSync(file, linesOf(4, 5));
  assert.equal(await read(file), [1, 2, 3, 4, 5]);
});

test('the tail is counted over all files', async () => {
  const file = newFile();
  writeFileSync(`${file}.1`, linesOf(1, 2, 3));
  writeFileSync(file, linesOf(4, 5));
  for (const tail of [0, 1, 2, 3, 4, 5, 9])
    assert.equal(await read(file, { tail }), [1, 2, 3, 4, 5].slice(Math.max(0, 5 - tail)), `tail ${tail}`);
});

test('the tail of a long file is found from its end', async () => {
  const file = newFile();
  const numbers = Array.from({ length: 5000 }, (_, number) => number);
  writeFileSync(file, linesOf(...numbers));
  assert.equal(await read(file, { tail: 1500 }), numbers.slice(-1500));
});

test('since and until select by time', async () => {
  const file = newFile();
  writeFileSync(file, linesOf(1, 2, 3, 4));
  assert.equal(await read(file, { since: 2000 }), [2, 3, 4]);
  assert.equal(await read(file, { until: 3000 }), [1, 2, 3]);
  assert.equal(await read(file, { since: 2000, until: 3000 }), [2, 3]);
});

test('damaged lines and an incomplete last line are skipped', async () => {
  const file = newFile();
  writeFileSync(file, `${lineOf(1)}{"log": broken\nnull\n[]\n{"log":7,"time":"x"}\n${lineOf(2)}{"log":"3`);
  assert.equal(await read(file), [1, 2]);
});

test('a file that does not exist has no entries', async () => {
  assert.equal(await read(newFile()), []);
});

test('a follower gets new entries, also those after a rotation, until the log is complete', async () => {
  const file = newFile();
  writeFileSync(file, linesOf(1));
  let asked = 0;
  const isComplete = () => {
    asked += 1;
    if (asked === 1) appendFileSync(file, linesOf(2));
    if (asked === 2) {
      appendFileSync(file, linesOf(3));
      renameSync(file, `${file}.1`);
      writeFileSync(file, linesOf(4));
    }
    if (asked === 4) appendFileSync(file, linesOf(5));
    return asked >= 4;
  };
  assert.equal(await read(file, { isComplete }), [1, 2, 3, 4, 5]);
});

test('a cancelled follower ends', async () => {
  const file = newFile();
  writeFileSync(file, linesOf(1));
  const controller = new AbortController();
  controller.abort();
  assert.equal(await read(file, { isComplete: () => false, signal: controller.signal }), [1]);
});

test.run();
