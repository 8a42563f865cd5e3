import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Disposals } from '../../src/executor/disposals.ts';

const test = suite('things disposed together');

const failure = (work: Promise<void>) =>
  work.then(
    () => undefined,
    (error: Error) => error.message,
  );

test('end last first, each waited for', async () => {
  const ended: string[] = [];
  const held = new Disposals();
  const thing = { name: 'one', [Symbol.asyncDispose]: async () => void ended.push('one') };
  assert.is(held.use(thing), thing);
  held.defer(() => void ended.push('two'));
  held.use({
    [Symbol.asyncDispose]: async () => {
      await Promise.resolve();
      ended.push('three');
    },
  });
  await held.dispose();
  assert.equal(ended, ['three', 'two', 'one']);
});

test('all end, also when some fail, and the first failure is reported', async () => {
  const ended: string[] = [];
  const held = new Disposals();
  held.defer(() => void ended.push('last'));
  for (const name of ['second', 'first']) {
    held.defer(() => {
      ended.push(name);
      throw new Error(name);
    });
  }
  assert.is(await failure(held.dispose()), 'first');
  assert.equal(ended, ['first', 'second', 'last']);
});

test('end once', async () => {
  let ended = 0;
  const held = new Disposals();
  held.defer(() => void ended++);
  await held.dispose();
  await held.dispose();
  assert.is(ended, 1);
});

test.run();
