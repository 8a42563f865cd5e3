import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isMkimageError } from '../../src/errors.ts';
import { Slots } from '../../src/registry/slots.ts';

const test = suite('slots of a registry');
const { signal } = new AbortController();

test('a fixed number of works runs at the same time, and the others follow in order', async () => {
  const slots = new Slots(2);
  const order: number[] = [];
  let running = 0;
  const work = (number: number) => async () => {
    order.push(number);
    running += 1;
    assert.ok(running <= 2);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return number;
  };
  const results = await Promise.all([0, 1, 2, 3, 4, 5].map((number) => slots.run(signal, work(number))));
  assert.equal(results, [0, 1, 2, 3, 4, 5]);
  assert.equal(order, [0, 1, 2, 3, 4, 5]);
});

test('a work that fails frees its slot', async () => {
  const slots = new Slots(1);
  const fails = () => Promise.reject(new Error('refused'));
  for (let count = 0; count < 3; count++) {
    assert.is(await slots.run(signal, fails).catch((error: Error) => error.message), 'refused');
  }
  assert.is(await slots.run(signal, async () => 'works'), 'works');
});

test('a cancelled work does not start, and its slot goes to the next', async () => {
  const slots = new Slots(1);
  const controller = new AbortController();
  const started: string[] = [];
  const first = slots.run(signal, () => new Promise<string>((resolve) => setImmediate(resolve, 'first')));
  const cancelled = slots
    .run(controller.signal, async () => void started.push('cancelled'))
    .catch((error: unknown) => error);
  const last = slots.run(signal, async () => 'last');
  controller.abort();
  assert.is(await first, 'first');
  assert.ok(isMkimageError(await cancelled, 'cancelled'));
  assert.equal(started, []);
  assert.is(await last, 'last');
});

test.run();
