import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { workSideBySide } from '../../src/content/index.ts';
import { createQuietCall } from '../../src/progress.ts';

const test = suite('work side by side');

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('results have the order of the items, whichever ends first', async () => {
  const work = async (item: number) => {
    for (let turns = 0; turns < 5 - item; turns++) await turn();
    return item * 10;
  };
  assert.equal(await workSideBySide([1, 2, 3, 4], { atOnce: 4, work }, createQuietCall()), [10, 20, 30, 40]);
});

test('no more items than allowed are worked on at the same time', async () => {
  let running = 0;
  let most = 0;
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
  };
  await workSideBySide(Array(20).fill(0), { atOnce: 3, work }, createQuietCall());
  assert.is(most, 3);
  assert.is(running, 0);
});

test('the first failure cancels the others, and is thrown when they have ended', async () => {
  const ended: string[] = [];
  const work = async (item: string, { signal }: { readonly signal: AbortSignal }) => {
    if (item === 'fails') throw new Error('no disk');
    while (!signal.aborted) await turn();
    await turn();
    ended.push(item);
  };
  const outcome = await workSideBySide(['a', 'fails', 'b'], { atOnce: 3, work }, createQuietCall()).catch(
    (error: Error) => error.message,
  );
  assert.is(outcome, 'no disk');
  assert.equal(ended, ['a', 'b']);
});

test('the signal of the caller reaches each item', async () => {
  const controller = new AbortController();
  controller.abort();
  const call = { ...createQuietCall(), signal: controller.signal };
  const work = async (_item: string, { signal }: { readonly signal: AbortSignal }) => signal.aborted;
  assert.equal(await workSideBySide(['a', 'b'], { atOnce: 1, work }, call), [true, true]);
});

test.run();
