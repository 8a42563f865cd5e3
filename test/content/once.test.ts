import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { once } from '../../src/content/index.ts';

const test = suite('work that is done once');

test('it starts with the first call, and all callers get its result', async () => {
  let begun = 0;
  const ask = once(async () => ++begun);
  assert.is(begun, 0);
  assert.equal(await Promise.all([ask(), ask()]), [1, 1]);
  assert.is(await ask(), 1);
});

test('the arguments of the first call decide, also for later callers', async () => {
  const ask = once(async (name: string) => name);
  assert.is(await ask('first'), 'first');
  assert.is(await ask('second'), 'first');
});

test('a failure stays: the work does not start again', async () => {
  let begun = 0;
  const ask = once(async () => {
    begun += 1;
    throw new Error('no disk');
  });
  for (let calls = 0; calls < 3; calls++) {
    const outcome = await ask().catch((error: Error) => error.message);
    assert.is(outcome, 'no disk');
  }
  assert.is(begun, 1);
});

test.run();
