import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InFlight } from '../../src/executor/in-flight.ts';

const test = suite('work that goes on');

test('is started by the first caller; the others wait for it', async () => {
  const flight = new InFlight<number>();
  let begun = 0;
  const start = async (): Promise<number> => ++begun;
  const all = await Promise.all([flight.once('a', start), flight.once('a', start), flight.once('b', start)]);
  assert.equal(all, [
    { value: 1, first: true },
    { value: 1, first: false },
    { value: 2, first: true },
  ]);
});

test('is started again after it has ended, with success or failure', async () => {
  const flight = new InFlight<string>();
  const fails = async (): Promise<string> => {
    throw new Error('no');
  };
  const results = await Promise.allSettled([flight.once('a', fails), flight.once('a', fails)]);
  assert.equal(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await flight.once('a', async () => 'yes'), { value: 'yes', first: true });
  assert.equal(await flight.once('a', async () => 'again'), { value: 'again', first: true });
});

test.run();
